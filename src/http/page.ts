import { existsSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import type { AssetsConfig } from "moleculer-web";
import { CollabError } from "../protocol/errors.ts";

/** The built page; `npm ci` and `npm run build:web` make it. */
export const WEB_ROOT = fileURLToPath(
	new URL("../../dist/web", import.meta.url),
);

const PAGE_HEADERS = {
	"content-security-policy":
		"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
} as const;

/** The name of a built asset changes with its content; everything else is asked for again. */
const cachingOf = (file: string): string =>
	file.includes("/assets/")
		? "public, max-age=31536000, immutable"
		: "no-cache";

/** Every document has an address; the page finds out which one it is. */
export function sendPage(res: ServerResponse): void {
	const file = `${WEB_ROOT}/index.html`;
	if (!existsSync(file))
		throw new CollabError(
			"NOT_FOUND",
			"The page is not built: npm run build:web",
		);
	res.writeHead(200, {
		...PAGE_HEADERS,
		"content-type": "text/html; charset=utf-8",
		"cache-control": cachingOf(file),
	});
	res.end(readFileSync(file));
}

/** The page's files, as moleculer-web serves them; undefined until they are built. */
export const pageFiles: AssetsConfig | undefined = existsSync(WEB_ROOT)
	? {
			folder: WEB_ROOT,
			options: {
				dotfiles: "deny",
				redirect: false,
				setHeaders(res: ServerResponse, file: string) {
					for (const [name, value] of Object.entries(PAGE_HEADERS))
						res.setHeader(name, value);
					res.setHeader("cache-control", cachingOf(file.replaceAll("\\", "/")));
				},
			},
		}
	: undefined;
