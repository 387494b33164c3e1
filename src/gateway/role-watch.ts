import { CollabError } from "../protocol/errors.ts";
import type { DocId } from "../shared/ids.ts";
import { type Mode, type Role, roleAtLeast } from "../shared/roles.ts";

/** One way into a room: remembers what is heard of the person's role meanwhile. */
export interface RoleWatch {
	readonly docId: DocId;
	/** Undefined: nothing was heard. */
	heard: Role | null | undefined;
}

/** Shared by all who are not coming in. */
const NONE: readonly RoleWatch[] = [];

/** Role changes that a session hears of while it comes in: what it was told at the door may be old by then. */
export class RoleWatches {
	#open: readonly RoleWatch[] = NONE;

	open(docId: DocId): RoleWatch {
		const watch = { docId, heard: undefined };
		this.#open = [...this.#open, watch];
		return watch;
	}

	close(watch: RoleWatch): void {
		const left = this.#open.filter((open) => open !== watch);
		this.#open = left.length === 0 ? NONE : left;
	}

	tell(docId: DocId, role: Role | null): void {
		for (const watch of this.#open)
			if (watch.docId === docId) watch.heard = role;
	}
}

/** Throws `FORBIDDEN` when the role that was heard last does not allow the mode. */
export function checkHeard({ heard }: RoleWatch, mode: Mode): void {
	if (heard === undefined || (heard !== null && roleAtLeast(heard, mode)))
		return;
	throw new CollabError("FORBIDDEN", `Your role has changed to ${heard}`);
}
