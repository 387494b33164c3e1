import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Entrance } from "../rooms/rooms.ts";
import type { Clock } from "../shared/clock.ts";
import { type DocId, looksLikeSessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import { roleAtLeast } from "../shared/roles.ts";
import type { Arrival } from "./arrival.ts";
import type { Channel } from "./channel.ts";
import type { DocumentExit, ExitDeps } from "./document-exit.ts";
import {
	DocumentMembership,
	type MembershipDeps,
} from "./document-membership.ts";
import { goLive, resetDocument } from "./document-reset.ts";
import {
	askOf,
	type JoinAsk,
	type JoinAttempt,
	joinRequestOf,
	participationOf,
} from "./join-attempt.ts";
import { answerJoin, joinedJson } from "./joined.ts";
import type { PresenceSeat } from "./presence-seat.ts";
import { checkHeard } from "./role-watch.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import { inTurn } from "./turns.ts";

export interface EntryDeps extends ExitDeps {
	readonly sessions: Sessions;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly isLimiting: boolean;
}

/** What a join holds while it is under way. */
interface Entered {
	readonly channel: Channel;
	readonly seat: PresenceSeat;
}

type Tell = (arrival: Arrival) => Promise<void> | undefined | void;

/** How sessions come into documents, and leave them when they ask to. */
export class DocumentEntry {
	readonly #deps: EntryDeps;
	readonly #exit: DocumentExit;
	readonly #membershipDeps: MembershipDeps;

	constructor(deps: EntryDeps, exit: DocumentExit) {
		this.#deps = deps;
		this.#exit = exit;
		this.#membershipDeps = {
			...deps,
			exit,
			reset: (session, membership) =>
				void resetDocument(session, membership, deps),
		};
	}

	join(session: Session, request: Request<"document:join">): Promise<void> {
		return this.enter(session, askOf(request.data), (arrival) =>
			answerJoin(session, request, arrival.about, joinedJson(arrival)),
		);
	}

	/**
	 * The one way into a document. Once everything is known that the session must get, `tell` tells it; what has been
	 * committed meanwhile follows when `tell` has resolved. What it throws ends the attempt.
	 */
	async enter(session: Session, ask: JoinAsk, tell: Tell): Promise<void> {
		const { identity } = session;
		if (identity === undefined) return;
		checkFormat(ask);
		checkClient(session, ask);
		this.#checkRoom(session, ask.docId);
		session.joining += 1;
		const watch = session.roleWatches.open(ask.docId);
		try {
			const attempt = { session, ask, identity, watch };
			await inTurn(session, ask.docId, () => {
				const isAnew = session.memberships.has(ask.docId);
				return this.#enter({ ...attempt, isAnew }, tell);
			});
		} finally {
			session.joining -= 1;
			session.roleWatches.close(watch);
		}
	}

	/** Waits for the answers to what the session has sent before, so that none of it stays unanswered. */
	leave(session: Session, docId: DocId): Promise<void> {
		return inTurn(session, docId, async () => {
			const membership = session.memberships.get(docId);
			await membership?.idle();
			if (membership !== undefined && !membership.hasEnded)
				this.#exit.part(session, membership);
		});
	}

	async #enter(attempt: JoinAttempt, tell: Tell): Promise<void> {
		const { session, ask, identity } = attempt;
		const { clientId, docId } = ask;
		const entrance = await this.#enterRoom(attempt);
		await this.#replace(session, docId);
		if (session.isClosing) return;
		if (clientId !== undefined)
			this.#deps.sessions.claim(session, identity.userId, clientId);
		if (session.isClosing) return;
		const entered = await this.#subscribe(session, docId);
		try {
			await this.#admit(attempt, entrance, entered, tell);
		} catch (error) {
			this.#backOut(docId, entered);
			// The owner may have taken the session in all the same.
			this.#exit.tellServices(docId, session.id);
			throw error;
		}
	}

	async #enterRoom({ ask, identity }: JoinAttempt): Promise<Entrance> {
		const { docId, mode, create } = ask;
		const tokenRole = identity.permissions?.roleOn(docId);
		if (identity.permissions !== undefined && tokenRole === undefined)
			throw forbidden("The token does not admit to this document");
		const entrance = await this.#deps.backend.enterRoom({
			docId,
			userId: identity.userId,
			create,
			...(tokenRole === undefined ? {} : { tokenRole }),
			...(identity.roles.includes("demo") ? { isDemo: true } : {}),
		});
		if (mode !== undefined && !roleAtLeast(entrance.role, mode))
			throw forbidden(`The role ${entrance.role} does not allow ${mode}`);
		return entrance;
	}

	/** A session that joins again gets the answers to what it has sent, then starts anew. */
	async #replace(session: Session, docId: DocId): Promise<void> {
		const previous = session.memberships.get(docId);
		if (previous === undefined) return;
		await previous.idle();
		this.#exit.detach(session, previous);
	}

	async #subscribe(session: Session, docId: DocId): Promise<Entered> {
		const { channels, presence } = this.#deps;
		const channel = await channels.join(docId);
		try {
			return { channel, seat: await presence.enter(docId, session) };
		} catch (error) {
			channel.giveUp();
			channels.release(channel);
			throw error;
		}
	}

	/** Subscribed already: what is committed from here on is either in the answer, or kept for the session. */
	async #admit(
		attempt: JoinAttempt,
		{ title, version, role }: Entrance,
		entered: Entered,
		tell: Tell,
	): Promise<void> {
		const { session, watch } = attempt;
		const { backend, clock } = this.#deps;
		const answer = await backend.joinDocument(joinRequestOf(attempt));
		const about = participationOf(attempt, role, answer, clock.nowMs());
		const { seat } = entered;
		const others = await this.#deps.presence.present(seat, about.present);
		checkHeard(watch, about.mode);
		const told = tell({ about, title, version, answer, others });
		if (told !== undefined) await told;
		if (session.isClosing) {
			this.#backOut(about.docId, entered);
			return this.#exit.tellServices(about.docId, session.id);
		}
		const membership = new DocumentMembership(
			about,
			session,
			entered,
			this.#membershipDeps,
		);
		session.memberships.set(about.docId, membership);
		this.#deps.presence.announce(about.docId, "joined", about.present);
		membership.seat.open(about.present);
		if (watch.heard !== undefined)
			this.#exit.applyRole(session, membership, watch.heard);
		await goLive(membership, this.#deps);
	}

	#backOut(docId: DocId, { channel, seat }: Entered): void {
		channel.giveUp();
		this.#deps.channels.release(channel);
		this.#deps.presence.leave(docId, seat);
	}

	#checkRoom(session: Session, docId: DocId): void {
		const { limits, isLimiting } = this.#deps;
		const { memberships, joining } = session;
		if (memberships.has(docId)) return;
		if (memberships.size + joining >= limits.documents)
			throw tooMany("documents", limits.documents);
		if (
			isLimiting &&
			this.#sessionsIn(docId, session) >= limits.sessionsPerDocument
		)
			throw tooMany("sessionsPerDocument", limits.sessionsPerDocument);
	}

	/** The person's other sessions in the document. */
	#sessionsIn(docId: DocId, { userId }: Session): number {
		if (userId === undefined) return 0;
		let count = 0;
		for (const other of this.#deps.sessions.of(userId))
			if (other.memberships.has(docId)) count += 1;
		return count;
	}
}

const tooMany = (limit: keyof Limits, max: number): CollabError =>
	new CollabError("RATE_LIMITED", "Too many are open", { limit, max });

const forbidden = (message: string): CollabError =>
	new CollabError("FORBIDDEN", message);

function checkClient(session: Session, { clientId }: JoinAsk): void {
	if (clientId === undefined || !looksLikeSessionId(clientId)) return;
	if ((clientId as string) !== session.id)
		throw new CollabError(
			"VALIDATION_FAILED",
			"clientId has the form of a session id",
			{ field: "clientId" },
		);
}

function checkFormat({ format, unit }: JoinAsk): void {
	if (format === "native" && unit === "utf16")
		throw new CollabError(
			"VALIDATION_FAILED",
			"The unit of native sessions is codepoint",
			{ field: "unit" },
		);
}
