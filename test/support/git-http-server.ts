import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A git server over HTTP, which is stock git's own backend behind a socket; it may be made to fail. */
export class GitHttpServer {
	readonly url: string;
	/** So many requests from now on are answered with 503. */
	failing = 0;
	requests = 0;
	readonly #server: ReturnType<typeof createServer>;

	private constructor(
		server: ReturnType<typeof createServer>,
		root: string,
		name: string,
	) {
		this.#server = server;
		const { port } = server.address() as AddressInfo;
		this.url = `http://git:password@127.0.0.1:${port}/${name}`;
		const backend = join(
			execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(),
			"git-http-backend",
		);
		server.on("request", (req, res) => {
			this.requests += 1;
			if (this.failing > 0) {
				this.failing -= 1;
				res.writeHead(503).end();
			} else if (req.headers.authorization === undefined)
				res.writeHead(401, { "www-authenticate": "Basic" }).end();
			else serve(backend, root, req, res);
		});
	}

	/** @param name of a new bare repository in `root` */
	static async start(root: string, name: string): Promise<GitHttpServer> {
		execFileSync("git", ["init", "--quiet", "--bare", join(root, name)]);
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		return new GitHttpServer(server, root, name);
	}

	async stop(): Promise<void> {
		this.#server.close();
		this.#server.closeAllConnections();
		await once(this.#server, "close");
	}
}

function serve(
	backend: string,
	root: string,
	req: IncomingMessage,
	res: ServerResponse,
): void {
	const { pathname, search } = new URL(req.url ?? "/", "http://localhost");
	const child = spawn(backend, [], {
		env: {
			PATH: process.env.PATH,
			GIT_PROJECT_ROOT: root,
			GIT_HTTP_EXPORT_ALL: "1",
			REMOTE_USER: "git",
			PATH_INFO: pathname,
			QUERY_STRING: search.slice(1),
			REQUEST_METHOD: req.method,
			CONTENT_TYPE: req.headers["content-type"] ?? "",
			CONTENT_LENGTH: req.headers["content-length"] ?? "",
		},
	});
	req.pipe(child.stdin);
	void answer(child.stdout.toArray(), res);
}

/** What a CGI program says: headers, an empty line, the body. */
async function answer(
	output: Promise<unknown[]>,
	res: ServerResponse,
): Promise<void> {
	const all = Buffer.concat((await output) as Buffer[]);
	const end = all.indexOf("\r\n\r\n");
	for (const line of all.subarray(0, end).toString().split("\r\n")) {
		const [name = "", value = ""] = line.split(": ");
		if (name === "Status") res.statusCode = Number.parseInt(value, 10);
		else res.setHeader(name, value);
	}
	res.end(all.subarray(end + 4));
}
