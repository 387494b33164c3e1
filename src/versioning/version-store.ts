import type { DocId } from "../shared/ids.ts";
import type { AuthorRun, StoredVersion, Version } from "./version.ts";

/** A document, and where its versions stand. */
export type VersionPlace = Pick<Version, "docId" | "number" | "commitHash">;

/** When a document gets a version by itself; what is absent makes none. */
export interface AutoPolicy {
	/** After so many edits. */
	readonly edits?: number;
	/** So long after the version before, or the document's making, when there has been an edit. */
	readonly afterMs?: number;
}

/** Versions of documents; what has been stored stays, but for changelogs. */
export interface VersionStore {
	/**
	 * Stores a version behind the one that was the latest when it was made.
	 * @param latest its version; undefined for the first of a document
	 * @returns false when that is not the latest any more, or there is no such document: nothing is stored then
	 */
	add(version: StoredVersion, latest: string | undefined): Promise<boolean>;
	latest(docId: DocId): Promise<Version | undefined>;
	find(docId: DocId, version: string): Promise<StoredVersion | undefined>;
	/** Newest first, at most `limit`, those with a number below `below`. */
	list(
		docId: DocId,
		limit: number,
		below?: number,
	): Promise<readonly Version[]>;
	/** @returns the version with its new changelog; undefined when there is none */
	setChangelog(
		docId: DocId,
		version: string,
		changelog: string,
	): Promise<Version | undefined>;
	/** Oldest first, at most `limit`, those with a number above `above`. */
	listStored(
		docId: DocId,
		above: number,
		limit: number,
	): Promise<readonly StoredVersion[]>;
	/** Documents that have versions, by id, at most `limit`, those after `after`. */
	listLatest(limit: number, after?: DocId): Promise<readonly VersionPlace[]>;
	/** Documents that have been edited since their latest version, as much or as long ago as the policy says. */
	listDue(
		policy: AutoPolicy,
		nowMs: number,
		limit: number,
	): Promise<readonly DocId[]>;
	/** Who wrote the newest version up to `number` of which that is known. */
	findAuthors(
		docId: DocId,
		number: number,
	): Promise<
		| {
				readonly number: number;
				readonly revision: number;
				readonly authors: readonly AuthorRun[];
		  }
		| undefined
	>;
	setAuthors(
		docId: DocId,
		number: number,
		authors: readonly AuthorRun[],
	): Promise<void>;
}
