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
import { handles } from "../src/bus/actions.ts";
import { BusBackend } from "../src/bus/bus-backend.ts";
import { DocumentCalls } from "../src/bus/document-calls.ts";
import { Authenticator } from "../src/gateway/authenticate.ts";
import { countRooms, listSessions } from "../src/gateway/census.ts";
import { Doors } from "../src/gateway/doors.ts";
import { Gateway } from "../src/gateway/gateway.ts";
import { HTTP_SERVER_LIMITS, MAX_HEADERS } from "../src/gateway/http-limits.ts";
import { refuseUpgrade, restarting } from "../src/gateway/http-refusal.ts";
import { logFailure, sendError } from "../src/http/answer.ts";
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
import { CollabError } from "../src/protocol/errors.ts";
import { type DocId, sessionIdOf } from "../src/shared/ids.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";

const DRAIN_MS = 15_000;
/** Nobody comes in before these are there, on whatever node. */
const NEEDED = ["document-ot", "room", "presence"];
const DEMO_SECONDS = 12 * 3_600;

interface Vars {
	server: Server;
	doors: Doors | undefined;
	gateway: Gateway | undefined;
	demoSign: Sign;
	/** These two are moleculer-web's. */
	readonly httpHandler: RequestListener;
	addRoute(route: ApiRouteSchema): void;
}
interface Methods extends Omit<HttpHost, "demoSign"> {
	/** Answers a client; moleculer-web's own would log each of its mistakes as an error. */
	errorHandler(req: IncomingMessage, res: ServerResponse, error: unknown): void;
}
type This = Service<ApiSettingsSchema> & Vars & Methods;

/** Sockets and HTTP in, frames out: turns events into actions of the other services. */
const wsGatewayService: ServiceSchema<ApiSettingsSchema, Methods, Vars> = {
	name: "ws-gateway",
	mixins: [ApiGateway as ServiceSchema],
	settings: httpSettings,
	actions: {
		sessions: {
			params: {
				limit: "number|integer|positive",
				userId: "string|optional",
				docId: "string|optional",
			},
			handler: handles<"ws-gateway.sessions", This>(function (asked) {
				return listSessions(this.gateway?.sessions.all ?? [], asked);
			}),
		},
		rooms: {
			params: { limit: "number|integer|positive" },
			handler: handles<"ws-gateway.rooms", This>(function ({ limit }) {
				return countRooms(this.gateway?.sessions.all ?? [], limit);
			}),
		},
	},
	methods: {
		isReady(this: This) {
			return this.doors !== undefined && this.gateway?.isDraining === false;
		},
		errorHandler(this: This, req, res, error) {
			logFailure(platformOf(this.broker).logger, req, error);
			sendError(req, res, error);
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
	},
	created(this: This) {
		if (configOf(this.broker).demo) this.addRoute(demoRoute);
		this.server = createServer(HTTP_SERVER_LIMITS, (req, res) => {
			if (!this.doors?.request(req, res)) this.httpHandler(req, res);
		});
		this.server.maxHeadersCount = MAX_HEADERS;
		this.server.on("upgrade", (req, socket, head) => {
			if (this.doors) this.doors.upgrade(req, socket, head);
			else refuseUpgrade(socket, restarting());
		});
	},
	async opening(this: This) {
		const { config, clock, logger, bus, newId, softState } = platformOf(
			this.broker,
		);
		const { auth } = config;
		const { key } = auth.key ?? devKey(config.dataDir);
		this.demoSign = (userId, claims) =>
			signToken(claims, { key, userId, auth, lifetimeSeconds: DEMO_SECONDS });
		this.gateway = new Gateway({
			backend: new BusBackend(this.broker, newId()),
			bus,
			authenticator: new Authenticator(tokenRules(auth, key), clock),
			clock,
			log: logger,
			limits: DEFAULT_LIMITS,
			newSessionId: () => sessionIdOf(newId()),
			random: Math.random,
			isLimiting: config.rateLimits,
			...(softState.quota === undefined ? {} : { quota: softState.quota }),
		});
		await this.gateway.open();
		await listen(this.server, config);
		this.server.on("error", (error) =>
			logger.error({ err: error }, "a connection was not accepted"),
		);
		await this.waitForServices(NEEDED);
		const { port } = this.server.address() as AddressInfo;
		this.doors = new Doors(this.gateway, {
			allowedOrigins: config.allowedOrigins ?? ownOrigins(port),
			...(config.trustedProxies === undefined
				? {}
				: { trustedProxies: config.trustedProxies }),
		});
	},
	events: {
		"$node.disconnected"(this: This) {
			this.gateway?.checkChannels();
		},
	},
	async draining(this: This) {
		await this.doors?.drain(DRAIN_MS);
	},
	async stopped(this: This) {
		this.doors?.close();
		this.gateway?.close();
		if (!this.server.listening) return;
		this.server.close();
		this.server.closeAllConnections();
		await once(this.server, "close");
	},
};
export default wsGatewayService;

const notStarted = (): CollabError =>
	new CollabError("UNAVAILABLE", "The server is starting");

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
