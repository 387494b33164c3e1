import { createHash } from "node:crypto";
import { attributesOf } from "../protocol/simple-format.ts";
import type { DocId } from "../shared/ids.ts";
import type { Author, StoredVersion, VersionContent } from "./version.ts";

/** An object as git stores it, under its own name. */
export interface GitObject {
	/** SHA-1 in hex. */
	readonly oid: string;
	readonly type: "blob" | "tree" | "commit";
	readonly body: Buffer;
}

export interface GitTree {
	readonly tree: GitObject;
	readonly blobs: readonly GitObject[];
}

type CommitFields = Pick<
	StoredVersion,
	"tree" | "parent" | "author" | "createdAtMs" | "message"
>;

/** What a document's files are called; a colon is no part of a file's name everywhere. */
export const fileNameOf = (docId: DocId): string => docId.replaceAll(":", "_");

/** The text as Markdown and, where something is formatted, its formatting beside it. */
export function treeOf(docId: DocId, content: VersionContent): GitTree {
	const { text, runs } = content;
	const name = fileNameOf(docId);
	const formats = attributesOf(runs, text, "utf16");
	const json = `${JSON.stringify(formats, null, 1)}\n`;
	// In the order of their names, as git has them.
	const files = [
		...(formats.length === 0
			? []
			: [[`${name}.attributes.json`, objectOf("blob", json)] as const]),
		[`${name}.md`, objectOf("blob", text)] as const,
	];
	const entries = files.flatMap(([file, { oid }]) => [
		Buffer.from(`100644 ${file}\0`),
		Buffer.from(oid, "hex"),
	]);
	return {
		tree: objectOf("tree", Buffer.concat(entries)),
		blobs: files.map(([, blob]) => blob),
	};
}

/** The commit of a version. */
export function commitOf(version: CommitFields): GitObject {
	const { tree, parent, author, createdAtMs, message } = version;
	const who = `${signatureOf(author)} ${Math.floor(createdAtMs / 1_000)} +0000`;
	const lines = [
		`tree ${tree}`,
		...(parent === undefined ? [] : [`parent ${parent}`]),
		`author ${who}`,
		`committer ${who}`,
		"",
		message,
	];
	return objectOf("commit", `${lines.join("\n")}\n`);
}

/** Name and address; git knows no brackets and line ends in them. The address is nobody's: ids are no addresses. */
function signatureOf({ id, name }: Author): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
	const plain = name.replace(/[<>\u0000-\u001f\u007f]/g, " ").trim();
	return `${plain === "" ? "?" : plain} <${encodeURIComponent(id)}@prdtool.invalid>`;
}

function objectOf(
	type: GitObject["type"],
	content: string | Buffer,
): GitObject {
	const body = Buffer.from(content as string);
	const oid = createHash("sha1")
		.update(`${type} ${body.length}\0`)
		.update(body)
		.digest("hex");
	return { oid, type, body };
}
