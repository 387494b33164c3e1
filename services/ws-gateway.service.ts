import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Service, ServiceSchema } from "moleculer";
import ApiGateway, { type ApiSettingsSchema } from "moleculer-web";
import { BusBackend } from "../src/bus/actions.ts";
import { DocumentCalls } from "../src/bus/document-calls.ts";
import { Authenticator } from "../src/gateway/authenticate.ts";
import { Doors } from "../src/gateway/doors.ts";
import { Gateway } from "../src/gateway/gateway.ts";
import { logFailure, sendError } from "../src/http/answer.ts";
import { type HttpHost, httpSettings } from "../src/http/http-settings.ts";
import type { Config } from "../src/node/config.ts";
import { devKey } from "../src/node/dev-key.ts";
import { configOf, platformOf } from "../src/node/platform.ts";
import { CollabError } from "../src/protocol/errors.ts";
import { type DocId, sessionIdOf } from "../src/shared/ids.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";

const BACKLOG = 4_096;
const DRAIN_MS = 15_000;

/** Slow or oversized requests end early; a request line or header block over 8 KiB is 431. */
const HTTP_LIMITS = {
	maxHeaderSize: 8_192,
	headersTimeout: 10_000,
	requestTimeout: 15_000,
	keepAliveTimeout: 5_000,
	connectionsCheckingInterval: 2_000,
} as const;

interface Vars {
	server: Server;
	httpHandler: RequestListener;
	doors: Doors | undefined;
	gateway: Gateway | undefined;
}
type Methods = HttpHost & {
	createServer(): void;
	errorHandler(req: IncomingMessage, res: ServerResponse, error: unknown): void;
};
type This = Service<ApiSettingsSchema> & Vars & Methods;

/** Sockets and HTTP in, frames out: turns events into actions of the other services. */
const wsGatewayService: ServiceSchema<ApiSettingsSchema, Methods, Vars> = {
	name: "ws-gateway",
	mixins: [ApiGateway as ServiceSchema],
	settings: httpSettings,
	methods: {
		createServer(this: This) {
			this.server = createServer(HTTP_LIMITS, (request, response) => {
				if (!this.doors?.request(request, response))
					this.httpHandler(request, response);
			});
			this.server.maxHeadersCount = 100;
			widenBacklog(this.server);
		},
		/** Instead of moleculer-web's, which logs every refusal with its stack. */
		errorHandler(this: This, req, res, error) {
			logFailure(platformOf(this.broker).logger, req, error);
			sendError(req, res, error);
		},
		isReady(this: This) {
			return this.gateway !== undefined && !this.gateway.isDraining;
		},
		async identify(this: This, token: string) {
			if (this.gateway === undefined) throw notStarted();
			return this.gateway.doorkeeper.verify(token);
		},
		documents(this: This) {
			return new DocumentCalls(this.broker);
		},
		newDocId(this: This) {
			return `prd_${platformOf(this.broker).newId()}` as DocId;
		},
		demoSecret(this: This) {
			const { config } = platformOf(this.broker);
			return config.demo ? devKey(config.dataDir).secret : undefined;
		},
	},
	created(this: This) {
		const { host, port } = configOf(this.broker);
		this.settings.ip = host;
		this.settings.port = port;
		this.server.on("upgrade", (request, socket, head) => {
			if (this.doors === undefined)
				socket.end(
					"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n",
				);
			else this.doors.upgrade(request, socket, head);
		});
	},
	async started(this: This) {
		const { config, clock, logger, bus, newId } = platformOf(this.broker);
		this.gateway = new Gateway({
			backend: new BusBackend(this.broker, newId()),
			bus,
			authenticator: new Authenticator(tokenRules(config), clock),
			clock,
			log: logger,
			limits: DEFAULT_LIMITS,
			newSessionId: () => sessionIdOf(newId()),
			random: Math.random,
			isLimiting: config.rateLimits,
		});
		await this.gateway.open();
		const { port } = this.server.address() as AddressInfo;
		this.doors = new Doors(this.gateway, {
			allowedOrigins: config.allowedOrigins ?? ownOrigins(port),
		});
	},
	async draining(this: This) {
		await this.doors?.drain(DRAIN_MS);
	},
	async stopped(this: This) {
		this.doors?.close();
		this.gateway?.close();
		this.server.closeAllConnections();
	},
};
export default wsGatewayService;

const notStarted = (): CollabError =>
	new CollabError("UNAVAILABLE", "The server is starting");

/** As many connections as come back after a restart may wait to be accepted; moleculer-web does not ask for them. */
function widenBacklog(server: Server): void {
	const listen = server.listen.bind(server);
	server.listen = ((port: number, host: string, done: () => void) =>
		listen({ port, host, backlog: BACKLOG }, done)) as typeof server.listen;
}

const tokenRules = ({ auth, dataDir }: Config) => ({
	key: (auth.key ?? devKey(dataDir)).key,
	algorithms: auth.algorithms,
	...(auth.issuer === undefined ? {} : { issuer: auth.issuer }),
	...(auth.audience === undefined ? {} : { audience: auth.audience }),
	...(auth.maxAge === undefined ? {} : { maxAgeSeconds: auth.maxAge }),
});

const ownOrigins = (port: number): readonly string[] =>
	["localhost", "127.0.0.1", "[::1]"].map((name) => `http://${name}:${port}`);
