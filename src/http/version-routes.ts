import type { Answer } from "./answer.ts";
import { badField, type RestRequest } from "./rest-request.ts";

/** The versions of a document, newest first; `before=<nextBefore>` leads on. */
export async function listVersions(request: RestRequest): Promise<Answer> {
	const { docId: prdId } = request.visit;
	const before = request.query("before");
	const body = await request.ask("version:list", {
		prdId,
		...(before === undefined ? {} : { before }),
	});
	return { status: 200, body };
}

/** One version with its content; with `.md` behind it its text alone. */
export async function getVersion(request: RestRequest): Promise<Answer> {
	const { docId: prdId } = request.visit;
	const name = request.param("version") ?? "";
	const isText = name.endsWith(".md");
	const version = isText ? name.slice(0, -3) : name;
	const body = await request.ask("version:get", { prdId, version });
	if (!isText) return { status: 200, body };
	const etag = `"${body.commitHash}"`;
	const headers = { etag, "cache-control": "private, no-cache" };
	if (request.knows(etag)) return { status: 304, headers };
	const type = "text/markdown; charset=utf-8";
	return { status: 200, headers, text: { type, content: body.content } };
}

/** What has changed from one version to another, or to the text as it is now. */
export async function diffVersions(request: RestRequest): Promise<Answer> {
	const { docId: prdId } = request.visit;
	const [from, to] = [request.query("from"), request.query("to")];
	if (from === undefined) throw badField("from");
	const body = await request.ask("version:diff", {
		prdId,
		from,
		...(to === undefined ? {} : { to }),
	});
	return { status: 200, body };
}
