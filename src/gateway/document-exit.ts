import type { DocId, SessionId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import { modeOf, type Role } from "../shared/roles.ts";
import type { Backend } from "./backend.ts";
import type { Channels } from "./channels.ts";
import type { Membership } from "./membership.ts";
import type { PresenceRelay } from "./presence-relay.ts";
import type { Session } from "./session.ts";

export interface ExitDeps {
	readonly backend: Backend;
	readonly channels: Channels;
	readonly presence: PresenceRelay;
	readonly log: Logger;
}

/** How sessions leave documents. */
export class DocumentExit {
	readonly #deps: ExitDeps;

	constructor(deps: ExitDeps) {
		this.#deps = deps;
	}

	/** Leaves a document and tells everybody; edits without an answer lose their claim to one. */
	part(session: Session, membership: Membership): void {
		const { docId, present } = membership.about;
		this.detach(session, membership);
		const { backend, presence } = this.#deps;
		presence.part(docId, present);
		this.#own(backend.leaveDocument({ docId, sessionId: session.id }));
	}

	/** Ends a membership on this gateway only: another of the same session follows. */
	detach(session: Session, membership: Membership): void {
		const { docId } = membership.about;
		if (session.memberships.get(docId) === membership)
			session.memberships.delete(docId);
		membership.end();
		this.#deps.channels.release(membership.channel);
		this.#deps.presence.leave(docId, membership.seat);
	}

	tellServices(docId: DocId, sessionId: SessionId): void {
		const { backend, presence } = this.#deps;
		this.#own(backend.leaveDocument({ docId, sessionId }));
		presence.absent(docId, sessionId);
	}

	/** The person's role in the document has changed, and takes effect at once; null: none is left. */
	applyRole(session: Session, membership: Membership, role: Role | null): void {
		membership.mode = role === null ? null : modeOf(role);
		if (role === null) void this.#expel(session, membership);
	}

	/** Edits on their way get their answer; nothing else reaches the session meanwhile. */
	async #expel(session: Session, membership: Membership): Promise<void> {
		await membership.idle();
		if (!membership.hasEnded && membership.mode === null)
			this.part(session, membership);
	}

	/** Nobody waits for these calls; what they would have told is noticed by the session's silence too. */
	#own(call: Promise<void>): void {
		call.catch((err: unknown) =>
			this.#deps.log.warn({ err }, "leaving not told"),
		);
	}
}
