import type { ServerResponse } from "node:http";
import { CollabError } from "../protocol/errors.ts";
import { isUserId, role } from "../protocol/schemas/common.ts";
import { roomName } from "../protocol/schemas/room.ts";
import { type DocId, isDocId, type UserId } from "../shared/ids.ts";
import { DEFAULT_LIMITS } from "../shared/limits.ts";
import { type Answer, send } from "./answer.ts";
import { listApprovals } from "./approval-routes.ts";
import { exportComments, listComments } from "./comment-routes.ts";
import type { RestHost } from "./document-api.ts";
import { createDocument } from "./document-creation.ts";
import { documentJson } from "./document-json.ts";
import { listDocuments } from "./document-list.ts";
import {
	badField,
	bodyReader,
	docIdOf,
	type RestMessage,
	RestRequest,
} from "./rest-request.ts";

import { diffVersions, getVersion, listVersions } from "./version-routes.ts";

type Route = (request: RestRequest) => Promise<Answer>;

const readTitle = bodyReader({ title: roomName } as const);
const readRole = bodyReader({ role } as const);

/** The document, or with `.md` behind its id its text. */
const getDocument: Route = async (request) => {
	const id = request.param("prdId") ?? "";
	if (id.endsWith(".md")) return getText(request, docIdOf(id.slice(0, -3)));
	const entry = await request.documents.describe(request.visit);
	return { status: 200, body: documentJson(entry) };
};

/** An id can be made anew: the tag says of which document it is a revision. */
async function getText(request: RestRequest, docId: DocId): Promise<Answer> {
	await request.documents.describe(request.visitTo(docId));
	const { text, revision, epoch } = await request.documents.read({ docId });
	const etag = `"${epoch}.${revision}"`;
	const headers = { etag, "cache-control": "private, no-cache" };
	if (request.knows(etag)) return { status: 304, headers };
	const type = "text/markdown; charset=utf-8";
	return { status: 200, headers, text: { type, content: text } };
}

const patchDocument: Route = async (request) => {
	const { visit, documents } = request;
	const { title } = readTitle(request.message);
	await requireDocument(request, "view");
	await documents.rename({ ...visit, title });
	return { status: 200, body: documentJson(await documents.describe(visit)) };
};

const deleteDocument: Route = async (request) => {
	await requireDocument(request, "owner");
	await request.documents.erase({ docId: request.visit.docId });
	return { status: 204 };
};

const getMembers: Route = async (request) => {
	const after = request.query("after");
	await requireDocument(request, "view");
	const members = await request.documents.members({
		...request.visit,
		...(after === undefined ? {} : { after: userIdOf(after) }),
	});
	return { status: 200, body: { members } };
};

const putMember: Route = async (request) => {
	const { visit, documents } = request;
	const invitedId = userIdOf(request.param("userId"));
	const { role: given } = readRole(request.message);
	await requireDocument(request, "view");
	await documents.invite({ ...visit, invitedId, role: given });
	return { status: 200, body: { userId: invitedId, role: given } };
};

const deleteMember: Route = async (request) => {
	const { visit, documents } = request;
	const kickedId = userIdOf(request.param("userId"));
	await requireDocument(request, "view");
	await documents.kick({ ...visit, kickedId });
	return { status: 204 };
};

/** What is under the address of documents and nothing of theirs. */
const elsewhere: Route = async ({ message }) => {
	const [path = ""] = (message.url ?? "").split("?");
	const [, id = ""] = path.split("/").filter((part) => part !== "");
	if (!isDocId(decoded(id))) throw badField("prdId");
	throw new CollabError("NOT_FOUND", "There is nothing at this address");
};

/** Throws `NOT_FOUND`, also for a generic room, and `FORBIDDEN`. */
async function requireDocument(
	request: RestRequest,
	needed: "view" | "owner",
): Promise<void> {
	const { room } = await request.documents.describe(request.visit);
	if (needed === "owner" && room.role !== "owner")
		throw new CollabError("FORBIDDEN", `The role ${room.role} is not owner`);
}

function userIdOf(text: string | undefined): UserId {
	if (text !== undefined && isUserId(text)) return text;
	throw badField("userId");
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return "";
	}
}

const handler = (route: Route) =>
	function (
		this: RestHost,
		req: RestMessage,
		res: ServerResponse,
		fail: (error: unknown) => void,
	): void {
		RestRequest.from(this, req)
			.then(route)
			.then((answer) => send(res, answer), fail);
	};

/** A whole document as a JSON string, in which line ends and quotes take two bytes. */
const BODY_BYTES = DEFAULT_LIMITS.documentBytes * 2 + 65_536;

/** Documents over REST, for moleculer-web; handlers run with the gateway service as `this`. */
export const documentRoutes = {
	name: "rest",
	path: "/api",
	mappingPolicy: "restrict",
	mergeParams: false,
	bodyParsers: { json: { limit: BODY_BYTES, strict: true } },
	aliases: {
		"GET /documents": handler(listDocuments),
		"POST /documents": handler(createDocument),
		"GET /documents/:prdId": handler(getDocument),
		"PATCH /documents/:prdId": handler(patchDocument),
		"DELETE /documents/:prdId": handler(deleteDocument),
		"GET /documents/:prdId/members": handler(getMembers),
		"PUT /documents/:prdId/members/:userId": handler(putMember),
		"DELETE /documents/:prdId/members/:userId": handler(deleteMember),
		"GET /documents/:prdId/comments": handler(listComments),
		"GET /documents/:prdId/approvals": handler(listApprovals),
		"GET /documents/:prdId/comments.md": handler(exportComments),
		"GET /documents/:prdId/versions": handler(listVersions),
		"GET /documents/:prdId/versions/:version": handler(getVersion),
		"GET /documents/:prdId/diff": handler(diffVersions),
		"GET /documents/*rest": handler(elsewhere),
	},
};
