import { CollabError } from "../protocol/errors.ts";
import { docId, optional } from "../protocol/schemas/common.ts";
import { roomName, visibility } from "../protocol/schemas/room.ts";
import type { NewRoom } from "../rooms/requests.ts";
import type { DocId } from "../shared/ids.ts";
import { DEFAULT_LIMITS } from "../shared/limits.ts";
import type { Answer } from "./answer.ts";
import { documentJson } from "./document-json.ts";
import { bodyReader, type RestRequest } from "./rest-request.ts";

const read = bodyReader({
	id: optional(docId),
	title: { ...roomName, optional: true },
	visibility: { ...visibility, optional: true },
	markdown: { type: "string", optional: true },
} as const);

/** Makes a document, with its first text when one is sent. */
export async function createDocument(request: RestRequest): Promise<Answer> {
	const { documents, host, caller } = request;
	const { id, title, visibility: seen, markdown = "" } = read(request.message);
	const docIdOfNew = id ?? host.newDocId();
	checkId(docIdOfNew);
	checkText(markdown);
	const visit = request.visitTo(docIdOfNew);
	const room: NewRoom = {
		...visit,
		kind: "document",
		title: title ?? docIdOfNew,
		visibility: seen ?? "private",
		metadata: {},
	};
	await documents.create(room);
	if (markdown !== "") await fill(request, docIdOfNew, caller.userId, markdown);
	const body = documentJson(await documents.describe(visit));
	const location = `/api/documents/${docIdOfNew}`;
	return { status: 201, headers: { location }, body };
}

/** Half a document is none: whoever has got an error can try again. */
async function fill(
	{ documents }: RestRequest,
	prdId: DocId,
	userId: NewRoom["userId"],
	text: string,
): Promise<void> {
	try {
		await documents.importText({ docId: prdId, userId, text });
	} catch (error) {
		await documents.erase({ docId: prdId });
		throw error;
	}
}

/** At an address that ends in `.md` stands a document's text, not the document. */
function checkId(id: DocId): void {
	if (id.endsWith(".md"))
		throw new CollabError("VALIDATION_FAILED", "An id does not end in .md", {
			field: "id",
		});
}

function checkText(markdown: string): void {
	if (!markdown.isWellFormed() || markdown.includes("\0"))
		throw new CollabError("VALIDATION_FAILED", "This is no text", {
			field: "markdown",
		});
	const { documentBytes: max } = DEFAULT_LIMITS;
	if (Buffer.byteLength(markdown) > max)
		throw new CollabError("PAYLOAD_TOO_LARGE", "The text is too large", {
			limit: "documentBytes",
			max,
		});
}
