import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import type { ApiSettingsSchema } from "moleculer-web";
import { CollabError } from "../protocol/errors.ts";
import { send, sendError } from "./answer.ts";
import { demoSignIn } from "./demo-sign-in.ts";
import type { RestHost } from "./document-api.ts";
import { documentRoutes } from "./document-routes.ts";
import { isOwnVisitor } from "./loopback.ts";

/** What the routes need of the gateway service; they run with it as `this`. */
export interface HttpHost extends RestHost {
	/** This node could serve: it has started and does not drain. */
	isReady(): boolean;
	/** Secret of the demo sign-in; undefined where there is none. */
	demoSecret(): string | undefined;
}

type Handler = (
	this: HttpHost,
	req: IncomingMessage & { readonly body?: unknown },
	res: ServerResponse,
) => void;

/** The built page; `npm ci` and `npm run build` make it. */
export const WEB_ROOT = fileURLToPath(
	new URL("../../dist/web", import.meta.url),
);

const PAGE_HEADERS = {
	"content-security-policy":
		"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
} as const;

const live: Handler = (_req, res) =>
	send(res, { status: 200, body: { status: "live" } });

const ready: Handler = function (_req, res) {
	const isReady = this.isReady();
	const body = { status: isReady ? "ready" : "not ready" };
	send(res, { status: isReady ? 200 : 503, body });
};

const signIn: Handler = function (req, res) {
	const secret = this.demoSecret();
	if (secret === undefined || !isOwnVisitor(req))
		throw new CollabError("NOT_FOUND", "There is nothing at this address");
	send(res, { status: 200, body: demoSignIn(req.body, secret) });
};

/** Every document has an address; the page finds out which one it is. */
const page: Handler = (_req, res) => {
	if (!existsSync(WEB_ROOT))
		throw new CollabError("NOT_FOUND", "The page is not built: npm run build");
	res.writeHead(200, {
		...PAGE_HEADERS,
		"content-type": "text/html; charset=utf-8",
		"cache-control": "no-cache",
	});
	res.end(readFileSync(`${WEB_ROOT}/index.html`));
};

/** Settings of moleculer-web: health, the demo sign-in, documents over REST and the page. No action is reachable that is not named here. */
export const httpSettings: ApiSettingsSchema = {
	path: "",
	// Routes match in the order in which they are written here.
	optimizeOrder: false,
	logRequest: null,
	logRequestParams: null,
	logResponse: null,
	logRouteRegistration: null,
	requestTimeout: 15_000,
	...(existsSync(WEB_ROOT)
		? {
				assets: {
					folder: WEB_ROOT,
					options: {
						dotfiles: "deny",
						setHeaders(res: ServerResponse) {
							for (const [name, value] of Object.entries(PAGE_HEADERS))
								res.setHeader(name, value);
						},
					},
				},
			}
		: {}),
	routes: [
		{
			name: "health",
			path: "/health",
			mappingPolicy: "restrict",
			bodyParsers: false,
			aliases: { "GET /live": live, "GET /ready": ready },
		},
		{
			name: "demo",
			path: "/api/demo",
			mappingPolicy: "restrict",
			bodyParsers: { json: { limit: "1kb", strict: true } },
			aliases: { "POST /sign-in": signIn },
		},
		documentRoutes,
		{
			name: "documents",
			path: "/d",
			mappingPolicy: "restrict",
			bodyParsers: false,
			aliases: { "GET /:prdId": page },
		},
	],
	onError: sendError,
} as unknown as ApiSettingsSchema; // The typings know neither null log levels nor handlers with their own `this`.
