import { NO_ATTRIBUTES } from "../../src/ot/marks.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import { commitOf, treeOf } from "../../src/versioning/git-objects.ts";
import type {
	StoredVersion,
	VersionContent,
} from "../../src/versioning/version.ts";

export const NOW_MS = Date.UTC(2024, 0, 26, 10, 30);

export const plainContent = (text: string): VersionContent => ({
	text,
	runs: text === "" ? [] : [{ n: [...text].length, a: NO_ATTRIBUTES }],
});

/** A version as the service would make it, behind another one or as the first. */
export function storedVersion(
	docId: DocId,
	version: string,
	content: VersionContent,
	{
		before,
		...rest
	}: { readonly before?: StoredVersion } & Partial<StoredVersion> = {},
): StoredVersion {
	const number = (before?.number ?? 0) + 1;
	const fields = {
		docId,
		version,
		number,
		revision: number,
		changelog: `What is new in ${version}`,
		author: { id: "user_123" as UserId, name: "John Doe" },
		createdAtMs: NOW_MS + number * 1_000,
		parent: before?.commitHash,
		tree: treeOf(docId, content).tree.oid,
		...content,
		...rest,
	};
	const message = fields.changelog || `Version ${version}`;
	const commitHash = commitOf({ ...fields, message }).oid;
	return { ...fields, message, commitHash };
}
