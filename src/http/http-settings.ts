import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiRouteSchema, ApiSettingsSchema } from "moleculer-web";
import { send, sendError } from "./answer.ts";
import { demoSignIn, type Sign } from "./demo-sign-in.ts";
import type { RestHost } from "./document-api.ts";
import { documentRoutes } from "./document-routes.ts";
import { isOwnVisitor } from "./loopback.ts";
import { nothingHere, only } from "./only.ts";
import { pageFiles, sendPage } from "./page.ts";

/** What the routes need of the gateway service; they run with it as `this`. */
export interface HttpHost extends RestHost {
	/** This node could serve: it has started and does not drain. */
	isReady(): boolean;
	/** Signs the token of a visitor of the demo. */
	demoSign: Sign;
}

const READ = ["GET", "HEAD"];

const live = only(READ, (_req, res) =>
	send(res, { status: 200, body: { status: "live" } }),
);

const ready = only<HttpHost>(READ, function (_req, res) {
	const isReady = this.isReady();
	const body = { status: isReady ? "ready" : "not ready" };
	send(res, { status: isReady ? 200 : 503, body });
});

const page = only(READ, (_req, res) => sendPage(res));

const signInOwn = only<HttpHost>(["POST"], function (req, res) {
	send(res, { status: 200, body: demoSignIn(req.body, this.demoSign) });
});

function signIn(
	this: HttpHost,
	req: IncomingMessage,
	res: ServerResponse,
): void {
	if (!isOwnVisitor(req)) throw nothingHere();
	signInOwn.call(this, req, res);
}

/** Settings of moleculer-web: health, documents over REST and the page. No action is reachable that is not named here. */
export const httpSettings = {
	path: "",
	// The server is the service's own: moleculer-web's would go on without a port when it cannot listen.
	server: false,
	// Routes match in the order in which they are written here.
	optimizeOrder: false,
	logRequest: null,
	logRequestParams: null,
	logResponse: null,
	logRouteRegistration: null,
	/** Ids that strangers choose name nothing here. */
	rootCallOptions(options: { requestID?: string }) {
		delete options.requestID;
	},
	...(pageFiles === undefined ? {} : { assets: pageFiles }),
	routes: [
		{
			name: "health",
			path: "/health",
			mappingPolicy: "restrict",
			bodyParsers: false,
			aliases: { "* /live": live, "* /ready": ready },
		},
		documentRoutes,
		{
			name: "documents",
			path: "/d",
			mappingPolicy: "restrict",
			bodyParsers: false,
			aliases: { "* /:prdId": page },
		},
	],
	onError: sendError,
	// The typings know neither null log levels nor handlers with their own `this`.
} as unknown as ApiSettingsSchema;

/** Added in development only: elsewhere there is nothing at its address. */
export const demoRoute = {
	name: "demo",
	path: "/api/demo",
	mappingPolicy: "restrict",
	bodyParsers: { json: { limit: "1kb", strict: true, inflate: false } },
	aliases: { "* /sign-in": signIn },
} as unknown as ApiRouteSchema;
