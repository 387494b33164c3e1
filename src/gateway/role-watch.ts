import { CollabError } from "../protocol/errors.ts";
import type { DocId } from "../shared/ids.ts";
import { type Mode, type Role, roleAtLeast } from "../shared/roles.ts";

/** One way into a room: remembers what is heard of the person's role meanwhile. */
export interface RoleWatch {
	readonly docId: DocId;
	/** Undefined: nothing was heard. */
	heard: Role | null | undefined;
}

/** Role changes that a session hears of while it comes in: what it was told at the door may be old by then. */
export class RoleWatches {
	readonly #open = new Set<RoleWatch>();

	open(docId: DocId): RoleWatch {
		const watch = { docId, heard: undefined };
		this.#open.add(watch);
		return watch;
	}

	close(watch: RoleWatch): void {
		this.#open.delete(watch);
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
