import type { PresentSession } from "../presence/presence-book.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Entrance } from "../rooms/rooms.ts";
import type { Clock } from "../shared/clock.ts";
import { type DocId, looksLikeSessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import { Mailbox } from "../shared/mailbox.ts";
import { roleAtLeast } from "../shared/roles.ts";
import type { Channel } from "./channel.ts";
import type { DocumentExit, ExitDeps } from "./document-exit.ts";
import { DocumentMembership } from "./document-membership.ts";
import {
	type JoinAttempt,
	joinRequestOf,
	participationOf,
} from "./join-attempt.ts";
import { answerJoin, joinedJson } from "./joined.ts";
import type { Participation } from "./participation.ts";
import type { PresenceSeat } from "./presence-relay.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

export interface EntryDeps extends ExitDeps {
	readonly sessions: Sessions;
	readonly clock: Clock;
	readonly limits: Limits;
}

/** What a join holds while it is under way. */
interface Entered {
	readonly channel: Channel;
	readonly seat: PresenceSeat;
}
/** Joins and leaves of one document that one session may have waiting. */
const WAITING_TURNS = 16;

/** How sessions come into documents, and leave them when they ask to. */
export class DocumentEntry {
	readonly #deps: EntryDeps;
	readonly #exit: DocumentExit;

	constructor(deps: EntryDeps, exit: DocumentExit) {
		this.#deps = deps;
		this.#exit = exit;
	}

	join(session: Session, request: Request<"document:join">): Promise<void> {
		const { identity } = session;
		if (identity === undefined) return Promise.resolve();
		checkFormat(request);
		checkClient(session, request);
		this.#checkRoom(session, request.data.prdId);
		session.joining += 1;
		const attempt = { session, request, identity };
		return this.#inTurn(session, request.data.prdId, () =>
			this.#join(attempt),
		).finally(() => {
			session.joining -= 1;
		});
	}

	/** Waits for the answers to what the session has sent before, so that none of it stays unanswered. */
	leave(session: Session, docId: DocId): Promise<void> {
		return this.#inTurn(session, docId, async () => {
			const membership = session.memberships.get(docId);
			await membership?.idle();
			if (membership !== undefined && !membership.hasEnded)
				this.#exit.part(session, membership);
		});
	}

	async #join(attempt: JoinAttempt): Promise<void> {
		const { session, request, identity } = attempt;
		const { clientId, prdId } = request.data;
		const entrance = await this.#enterRoom(attempt);
		await this.#replace(session, prdId);
		if (session.isClosing) return;
		if (clientId !== undefined)
			this.#deps.sessions.claim(session, identity.userId, clientId);
		if (session.isClosing) return;
		const entered = await this.#subscribe(session, prdId);
		try {
			await this.#admit(attempt, entrance, entered);
		} catch (error) {
			this.#backOut(prdId, entered);
			// The owner may have taken the session in all the same.
			this.#exit.tellServices(prdId, session.id);
			throw error;
		}
	}

	async #enterRoom({ request, identity }: JoinAttempt): Promise<Entrance> {
		const { prdId, mode, create = true } = request.data;
		const tokenRole = identity.permissions?.roleOn(prdId);
		if (identity.permissions !== undefined && tokenRole === undefined)
			throw forbidden("The token does not admit to this document");
		const entrance = await this.#deps.backend.enterRoom({
			docId: prdId,
			userId: identity.userId,
			create,
			...(tokenRole === undefined ? {} : { tokenRole }),
		});
		if (!roleAtLeast(entrance.role, mode))
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
		{ title }: Entrance,
		entered: Entered,
	): Promise<void> {
		const { session, request } = attempt;
		const { backend, clock } = this.#deps;
		const answer = await backend.joinDocument(joinRequestOf(attempt));
		const about = participationOf(attempt, answer, clock.nowMs());
		const others = await this.#present(about);
		const json = joinedJson(about, title, answer, others);
		if (session.isClosing) {
			this.#backOut(about.docId, entered);
			return this.#exit.tellServices(about.docId, session.id);
		}
		const membership = new DocumentMembership(
			about,
			session,
			entered,
			this.#deps,
		);
		session.memberships.set(about.docId, membership);
		answerJoin(session, request, about, json);
		await this.#goLive(membership, answer.revision);
	}

	async #goLive(
		membership: DocumentMembership,
		revision: number,
	): Promise<void> {
		const { docId, present } = membership.about;
		const { channel, seat } = membership;
		this.#deps.presence.announce(docId, "joined", present);
		seat.open();
		try {
			await channel.admit(membership, revision);
		} catch (err) {
			this.#deps.log.error({ doc: docId, revision, err }, "catch-up failed");
			membership.lost();
		}
		if (!membership.hasEnded) return;
		channel.remove(membership);
		this.#deps.channels.release(channel);
	}

	/** Who else is there; editing does not wait for a presence service that is down. */
	async #present({
		docId,
		present,
	}: Participation): Promise<readonly PresentSession[]> {
		try {
			return await this.#deps.backend.present(docId, present);
		} catch (err) {
			this.#deps.log.warn({ doc: docId, err }, "presence not known");
			return [];
		}
	}

	#backOut(docId: DocId, { channel, seat }: Entered): void {
		channel.giveUp();
		this.#deps.channels.release(channel);
		this.#deps.presence.leave(docId, seat);
	}

	#checkRoom(session: Session, docId: DocId): void {
		const max = this.#deps.limits.documents;
		const { memberships, joining } = session;
		if (memberships.has(docId) || memberships.size + joining < max) return;
		throw new CollabError("RATE_LIMITED", "Too many documents are open", {
			limit: "documents",
			max,
		});
	}

	async #inTurn(
		session: Session,
		docId: DocId,
		task: () => Promise<void>,
	): Promise<void> {
		const turn = session.turns.get(docId) ?? new Mailbox(WAITING_TURNS);
		session.turns.set(docId, turn);
		try {
			await turn.run(task);
		} finally {
			if (turn.idle) session.turns.delete(docId);
		}
	}
}

const forbidden = (message: string): CollabError =>
	new CollabError("FORBIDDEN", message);

function checkClient(
	session: Session,
	{ data: { clientId } }: Request<"document:join">,
): void {
	if (clientId === undefined || !looksLikeSessionId(clientId)) return;
	if ((clientId as string) !== session.id)
		throw new CollabError(
			"VALIDATION_FAILED",
			"This client id has the form of a session id",
			{ field: "clientId" },
		);
}

function checkFormat({ data }: Request<"document:join">): void {
	if (data.format === "native" && data.unit === "utf16")
		throw new CollabError(
			"VALIDATION_FAILED",
			"Native sessions count code points",
			{ field: "unit" },
		);
}
