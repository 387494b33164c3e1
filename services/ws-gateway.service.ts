import type { KeyObject } from "node:crypto";
import { once } from "node:events";
import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Service, ServiceSchema } from "moleculer";
import ApiGateway, {
	type ApiRouteSchema,
	type ApiSettingsSchema,
} from "moleculer-web";
import { BusBackend } from "../src/bus/actions.ts";
import { Authenticator } from "../src/gateway/authenticate.ts";
import { Gateway } from "../src/gateway/gateway.ts";
import { HTTP_SERVER_LIMITS, MAX_HEADERS } from "../src/gateway/http-limits.ts";
import { RawDoor } from "../src/gateway/raw-door.ts";
import type { Sign } from "../src/http/demo-sign-in.ts";
import {
	demoRoute,
	type HttpHost,
	httpSettings,
} from "../src/http/http-settings.ts";
import type { Config } from "../src/node/config.ts";
import { devKey } from "../src/node/dev-key.ts";
import { listen } from "../src/node/listen.ts";
import { configOf, platformOf } from "../src/node/platform.ts";
import { signToken } from "../src/node/sign-token.ts";
import { sessionIdOf } from "../src/shared/ids.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";

const DRAIN_MS = 15_000;
const DEMO_SECONDS = 12 * 3_600;

interface Vars {
	server: Server;
	door: RawDoor | undefined;
	gateway: Gateway | undefined;
	demoSign: Sign;
	/** These three are moleculer-web's. */
	readonly httpHandler: RequestListener;
	sendError(req: IncomingMessage, res: ServerResponse, error: unknown): void;
	addRoute(route: ApiRouteSchema): void;
}
interface Methods extends Pick<HttpHost, "isReady"> {
	/** Answers a client; moleculer-web's own would log each of its mistakes as an error. */
	errorHandler(req: IncomingMessage, res: ServerResponse, error: unknown): void;
}
type This = Service<ApiSettingsSchema> & Vars & Methods;

/** Sockets and HTTP in, frames out: turns events into actions of the other services. */
const wsGatewayService: ServiceSchema<ApiSettingsSchema, Methods, Vars> = {
	name: "ws-gateway",
	mixins: [ApiGateway as ServiceSchema],
	settings: httpSettings,
	methods: {
		isReady(this: This) {
			return this.door !== undefined && !this.door.gateway.isDraining;
		},
		errorHandler(this: This, req, res, error) {
			this.sendError(req, res, error);
		},
	},
	created(this: This) {
		if (configOf(this.broker).demo) this.addRoute(demoRoute);
		this.server = createServer(HTTP_SERVER_LIMITS, (req, res) => {
			if (!this.door?.refusePlain(req, res)) this.httpHandler(req, res);
		});
		this.server.maxHeadersCount = MAX_HEADERS;
	},
	async opening(this: This) {
		const { config, clock, logger, bus, newId } = platformOf(this.broker);
		const { auth } = config;
		const { key } = auth.key ?? devKey(config.dataDir);
		this.demoSign = (userId, claims) =>
			signToken(claims, { key, userId, auth, lifetimeSeconds: DEMO_SECONDS });
		this.gateway = new Gateway({
			backend: new BusBackend(this.broker),
			bus,
			authenticator: new Authenticator(tokenRules(auth, key), clock),
			clock,
			log: logger,
			limits: DEFAULT_LIMITS,
			newSessionId: () => sessionIdOf(newId()),
			random: Math.random,
		});
		await this.gateway.open();
		await listen(this.server, config);
		this.server.on("error", (error) =>
			logger.error({ err: error }, "a connection was not accepted"),
		);
		const { port } = this.server.address() as AddressInfo;
		this.door = new RawDoor(this.gateway, {
			allowedOrigins: config.allowedOrigins ?? ownOrigins(port),
		});
		this.server.on("upgrade", this.door.upgrade);
	},
	async draining(this: This) {
		await this.door?.drain(DRAIN_MS);
	},
	async stopped(this: This) {
		this.gateway?.close();
		if (!this.server.listening) return;
		this.server.close();
		this.server.closeAllConnections();
		await once(this.server, "close");
	},
};
export default wsGatewayService;

const tokenRules = (
	{ algorithms, issuer, audience, maxAge }: Config["auth"],
	key: KeyObject,
) => ({
	key,
	algorithms,
	...(issuer === undefined ? {} : { issuer }),
	...(audience === undefined ? {} : { audience }),
	...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
});

const ownOrigins = (port: number): readonly string[] =>
	["localhost", "127.0.0.1", "[::1]"].map((name) => `http://${name}:${port}`);
