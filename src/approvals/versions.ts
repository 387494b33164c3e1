import type { DocId } from "../shared/ids.ts";
import type { Person } from "../shared/person.ts";

/** A version of a document, and the hash of its content. */
export interface FixedVersion {
	readonly version: string;
	readonly contentHash: string;
}

/** What approvals need of the versions. */
export interface Versions {
	/** Undefined: there is none. */
	findLatest(docId: DocId): Promise<FixedVersion | undefined>;
	/**
	 * Makes it from the head. Throws `VALIDATION_FAILED` for what is no version, `ALREADY_EXISTS` when another one has
	 * been made meanwhile, `INVALID_STATE` for one below the latest.
	 */
	create(person: Person, docId: DocId, version: string): Promise<unknown>;
}
