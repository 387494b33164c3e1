import { CLOSES } from "../protocol/close-codes.ts";
import type { OpHead, OpMessage } from "../protocol/document-message.ts";
import { type EditRequest, editRequest } from "../protocol/edit-request.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError, ERRORS } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import type { Clock } from "../shared/clock.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import type { Backend, JoinAnswer } from "./backend.ts";
import type { Channel } from "./channel.ts";
import { Delivery } from "./delivery.ts";
import type { DocumentExit } from "./document-exit.ts";
import { InflightGate } from "./inflight-gate.ts";
import type { Membership } from "./membership.ts";
import type { Message } from "./message.ts";
import { OwnOps } from "./own-ops.ts";
import type { Participation } from "./participation.ts";
import type { PresenceSeat } from "./presence-seat.ts";
import type { Session } from "./session.ts";
import {
	isMadeBefore,
	type ResetPoint,
	StaleEdits,
	type StaleSink,
} from "./stale-edits.ts";
import {
	FATE_MS,
	type SubmissionSink,
	Submissions,
	type Unanswered,
} from "./submissions.ts";

export interface MembershipDeps {
	readonly backend: Pick<Backend, "submit">;
	readonly exit: DocumentExit;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly isLimiting: boolean;
	/** Puts another membership, which begins with the text, in the place of this one. */
	readonly reset: (session: Session, membership: DocumentMembership) => void;
}

/** What a membership is given to begin with. */
export interface Entered {
	readonly channel: Channel;
	readonly seat: PresenceSeat;
	/** The client was there before and has been given the text. */
	readonly resetTo?: ResetPoint;
}

/** An op that the owner has committed and the channel has not brought is looked for after this long. */
const OVERDUE_MS = 1_000;

/** One session in one document: its edits on the way up, and its place in the stream that comes down. */
export class DocumentMembership implements Membership, SubmissionSink {
	readonly about: Participation;
	deliveredRev: number;
	mode: Mode | null;
	hasEnded = false;
	readonly channel: Channel;
	readonly seat: PresenceSeat;
	readonly #session: Session;
	readonly #deps: MembershipDeps;
	readonly #submissions: Submissions;
	readonly #stale: StaleEdits;
	readonly #own: OwnOps;
	readonly #gate: InflightGate;
	#resetTo: ResetPoint | undefined;
	/** Too far behind: a reset is under way. */
	#isFrozen = false;
	/** An edit was refused while later ones were under way: they presuppose it, and so may all that follow. */
	#mustResync = false;
	/** It has sent an edit before the one before was answered. */
	#isPipelining = false;

	constructor(
		about: Participation,
		session: Session,
		entered: Entered,
		deps: MembershipDeps,
	) {
		this.about = about;
		this.mode = about.mode;
		this.deliveredRev = about.joinedRev;
		this.channel = entered.channel;
		this.seat = entered.seat;
		this.#session = session;
		this.#deps = deps;
		this.#submissions = new Submissions(deps.backend, deps.clock, this);
		this.#stale = new StaleEdits(deps.backend, this.#staleSink());
		this.#resetTo = entered.resetTo;
		this.#own = new OwnOps(session.id, about);
		this.#gate = new InflightGate(deps.limits.inflight);
	}

	/** Sends an edit to the owner; throws what it is refused with here. */
	edit(request: Request<"operation:edit">): void {
		if (this.mode !== "edit")
			throw new CollabError(
				"FORBIDDEN",
				`Your part here is ${this.mode}, not edit`,
			);
		if (this.#mustResync)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"An earlier edit was refused: join again",
				{ reason: "refused" },
			);
		this.#gate.check(this.#submissions.size + this.#stale.size);
		this.#submit(request);
		this.#isPipelining ||= this.#submissions.size > 1;
		this.seat.act();
	}

	refusedAtTheDoor(): void {
		this.#mustResync ||= this.#submissions.size > 0;
	}

	#submit(request: Request<"operation:edit">): void {
		const { unit, userId } = this.about;
		try {
			const asked = editRequest(request.data, unit, this.#deps.limits);
			this.#own.check(asked.opId);
			const { isLimiting, clock } = this.#deps;
			if (isLimiting) this.channel.rate.charge(clock.nowMs());
			if (this.#resetTo !== undefined && !this.#isFrozen)
				if (!isMadeBefore(asked, this.#resetTo, userId))
					this.#resetTo = undefined;
			const submission = this.#submission(asked);
			if (this.#isFrozen || this.#resetTo !== undefined)
				void this.#stale.ask(
					request,
					asked.opId === undefined ? undefined : submission,
				);
			else this.#submissions.accept(request, submission);
		} catch (error) {
			this.refusedAtTheDoor();
			throw error;
		}
	}

	#submission(asked: EditRequest): Submission {
		const { docId, userId, replicaId, joinedRev } = this.about;
		return {
			...asked,
			...this.#submissions.nextPlace,
			docId,
			userId,
			replicaId,
			joinedRev,
			sessionId: this.#session.id,
			opId: asked.opId ?? this.#session.nextOpId(),
		};
	}

	deliver(delivery: Delivery): void {
		const unanswered = this.#ownOf(delivery.head);
		if (unanswered !== undefined || this.#own.has(delivery.head))
			this.#answer(delivery, unanswered);
		else if (this.mode !== null) this.#session.send(this.#messageOf(delivery));
	}

	#messageOf(delivery: Delivery): Message {
		const { format, unit } = this.about;
		return format === "native" ? delivery.native() : delivery.simple(unit);
	}

	/** A user may repeat an op id of a session that has gone; another user's op is never his. */
	#ownOf({ userId, opId }: OpHead): Unanswered | undefined {
		if (this.#submissions.size === 0 || userId !== this.about.userId)
			return undefined;
		return this.#submissions.find(opId);
	}

	#answer(delivery: Delivery, unanswered: Unanswered | undefined): void {
		if (unanswered !== undefined) this.#submissions.answer(unanswered);
		this.#acknowledge(delivery, unanswered?.request);
	}

	#acknowledge(
		delivery: Delivery,
		request: Request<"operation:edit"> | undefined,
	): void {
		const { docId, unit } = this.about;
		const { opId, rev, clock, changed, replicaId } = delivery.head;
		// Sent again, it counts where it was committed first, and its author has counted it here.
		const countsElsewhere =
			request !== undefined && replicaId !== this.about.replicaId;
		const clockCorrected = delivery.head.clockCorrected || countsElsewhere;
		// What was read from the log may have been changed on its way: told in any case.
		const tells = changed || !delivery.live || request === undefined;
		const dataJson = JSON.stringify({
			prdId: docId,
			opId,
			revision: rev,
			vectorClock: clock,
			...(tells ? { operations: delivery.operations(unit) } : {}),
			...(clockCorrected ? { clockCorrected: true } : {}),
		});
		this.#sendAck(request, dataJson);
	}

	#sendAck(
		request: Request<"operation:edit"> | undefined,
		dataJson: string,
	): void {
		if (request?.id === undefined)
			this.#session.sendJson("operation:ack", this.about.docId, dataJson);
		else this.#session.acknowledge(request, dataJson);
	}

	known(unanswered: Unanswered, message: OpMessage): void {
		const { rev } = message.head;
		if (rev > this.deliveredRev) this.channel.expect(rev);
		else
			this.#answer(new Delivery(this.about.docId, message, false), unanswered);
	}

	refused(unanswered: Unanswered, error: CollabError): void {
		// What was sent before this answer is read presupposes the edit; only who waits for answers, and was wrong, has sent
		// nothing more.
		const isWrong = ERRORS[error.code].recovery === "none";
		if (!isWrong || this.#isPipelining) this.#mustResync = true;
		this.#submissions.answer(unanswered);
		this.#session.refuse(unanswered.request, error, this.#deps.clock.nowMs());
	}

	tell(message: Message, except: SessionId | undefined): void {
		if (this.mode !== null && this.#session.id !== except)
			this.#session.send(message);
	}

	/** What is without an answer is not in the log of any document. */
	deleted(): void {
		if (this.hasEnded) return;
		const { docId } = this.about;
		const gone = new CollabError("NOT_FOUND", "The document has been deleted");
		const nowMs = this.#deps.clock.nowMs();
		for (const { request } of this.#submissions.takeAll())
			this.#session.refuse(request, gone, nowMs);
		this.#session.sendEvent("document:deleted", { prdId: docId });
		this.#deps.exit.part(this.#session, this);
	}

	lost(): void {
		if (!this.hasEnded) this.#session.close(CLOSES.positionLost);
	}

	get isCongested(): boolean {
		return this.#session.isCongested;
	}

	onceDrained(task: () => void): void {
		this.#session.onceDrained(task);
	}

	tooFarBehind(): void {
		this.#deps.reset(this.#session, this);
	}

	/** Nothing more is committed for it: a reset is under way. */
	freeze(): void {
		this.#isFrozen = true;
		this.channel.remove(this);
	}

	/** Resolves when every edit is known to be committed or refused. */
	async fates(): Promise<void> {
		await this.#submissions.fates();
		await this.#stale.idle();
	}

	/** The membership that takes over after a reset. */
	renewed(channel: Channel, answer: JoinAnswer): DocumentMembership {
		const { replicaId, revision: joinedRev, inherited = [] } = answer;
		const about = { ...this.about, replicaId, joinedRev, inherited };
		const entered = { channel, seat: this.seat, resetTo: answer };
		const next = new DocumentMembership(
			about,
			this.#session,
			entered,
			this.#deps,
		);
		next.mode = this.mode;
		return next;
	}

	/** Another membership takes over, after a reset: acknowledges what the new text contains, and ends. */
	handOver(vectorClock: Readonly<Record<string, number>>): void {
		const { docId } = this.about;
		for (const { submission, rev, request } of this.#submissions.committed) {
			const { opId } = submission;
			const ack = { prdId: docId, opId, revision: rev, vectorClock };
			this.#sendAck(request, JSON.stringify(ack));
		}
		this.end();
	}

	#staleSink(): StaleSink {
		const session = this.#session;
		const { docId } = this.about;
		return {
			known: (request, { message }) =>
				this.#acknowledge(new Delivery(docId, message, false), request),
			refused: (request, error) =>
				session.refuse(request, error, this.#deps.clock.nowMs()),
			lost: () => this.lost(),
		};
	}

	tick(nowMs: number): void {
		const { oldest } = this.#submissions;
		if (oldest === undefined) return;
		const ageMs = nowMs - oldest.acceptedAtMs;
		// An ack that waits only for a slow reader is no unknown fate.
		const isWaiting = oldest.rev !== undefined && this.channel.isPaused(this);
		if (ageMs >= FATE_MS && !isWaiting) this.lost();
		else if (ageMs >= OVERDUE_MS && oldest.rev !== undefined)
			this.channel.expect(oldest.rev);
	}

	/** Resolves when every edit has its answer. */
	idle(): Promise<void> {
		return this.#submissions.idle();
	}

	end(): void {
		this.hasEnded = true;
		this.channel.remove(this);
		this.#submissions.end();
	}
}
