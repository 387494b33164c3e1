import { CollabError } from "../protocol/errors.ts";
import type { Answer } from "./answer.ts";
import { badField, type RestRequest } from "./rest-request.ts";

/** Pages of one export. */
const MOST_PAGES = 1_000;

/** A page of a document's comments, with the filters of `comment:list` in the query. */
export async function listComments(request: RestRequest): Promise<Answer> {
	const { docId: prdId } = request.visit;
	const of = (name: string) => {
		const value = request.query(name);
		return value === undefined ? {} : { [name]: value };
	};
	const body = await request.ask("comment:list", {
		prdId,
		...of("status"),
		...of("authorId"),
		...of("threadId"),
		...of("cursor"),
		...flag(request, "unread"),
		...flag(request, "orphaned"),
		...limit(request.query("limit")),
	});
	return { status: 200, body };
}

/** All comments as Markdown. */
export async function exportComments(request: RestRequest): Promise<Answer> {
	const { docId: prdId } = request.visit;
	let content = "";
	let cursor: string | undefined;
	for (let page = 0; page < MOST_PAGES; page++) {
		const more = cursor === undefined ? {} : { cursor };
		const answer = await request.ask("comment:export", { prdId, ...more });
		content += answer.markdown;
		cursor = answer.nextCursor;
		if (cursor === undefined)
			return {
				status: 200,
				text: { type: "text/markdown; charset=utf-8", content },
			};
	}
	throw new CollabError("PAYLOAD_TOO_LARGE", "There are too many comments", {
		limit: "comments",
	});
}

function flag(request: RestRequest, name: string) {
	const text = request.query(name);
	if (text === undefined) return {};
	if (text !== "true" && text !== "false") throw badField(name);
	return { [name]: text === "true" };
}

function limit(text: string | undefined) {
	if (text === undefined) return {};
	if (!/^\d{1,3}$/.test(text)) throw badField("limit");
	return { limit: Number(text) };
}
