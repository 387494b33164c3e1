import type { DocId } from "../shared/ids.ts";

/** Removes documents for good. Only the document's owner may call it, when nothing of it is on its way to the disk. */
export interface DocumentEraser {
	/**
	 * Removes the document, its log and its snapshots, and the room with its members, in one transaction. A document
	 * made later under this id is a new one, with another epoch.
	 * @returns false when there was no such room
	 */
	erase(docId: DocId): Promise<boolean>;
}
