import type { AttributeRun } from "../ot/marks.ts";
import type { DocId, UserId } from "../shared/ids.ts";

/** Who has made a version, by the name he had then. */
export interface Author {
	readonly id: UserId;
	readonly name: string;
}

/** The text of a document and its formatting, at one revision. */
export interface VersionContent {
	readonly text: string;
	readonly runs: readonly AttributeRun[];
}

/** A snapshot that a person named: what people are told of it. */
export interface Version {
	readonly docId: DocId;
	/** Semantic version: `1.3.0`. */
	readonly version: string;
	/** 1, 2, 3, ... in one document. */
	readonly number: number;
	/** Of the document that it was made of. */
	readonly revision: number;
	/** May be put right later. */
	readonly changelog: string;
	readonly author: Author;
	readonly createdAtMs: number;
	/** 40 hex digits. */
	readonly commitHash: string;
	/** Of the commit's tree: names the content. */
	readonly tree: string;
}

/** All that its git commit is made of: whoever has it makes the same commit. */
export interface StoredVersion extends Version, VersionContent {
	/** Hash of the commit before; undefined for the first. */
	readonly parent: string | undefined;
	/** Of the commit: what the changelog was in the beginning. */
	readonly message: string;
}

/** A stretch of `n` code points by one person. */
export interface AuthorRun {
	readonly n: number;
	readonly userId: UserId;
}
