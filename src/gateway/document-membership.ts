import { CLOSES } from "../protocol/close-codes.ts";
import type { OpHead, OpMessage } from "../protocol/document-message.ts";
import { editRequest } from "../protocol/edit-request.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError, ERRORS } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import type { Clock } from "../shared/clock.ts";
import { type OpId, splitOpId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import type { Backend } from "./backend.ts";
import type { Channel } from "./channel.ts";
import { Delivery } from "./delivery.ts";
import type { Membership } from "./membership.ts";
import type { Participation } from "./participation.ts";
import type { PresenceSeat } from "./presence-relay.ts";
import type { Session } from "./session.ts";
import {
	FATE_MS,
	type SubmissionSink,
	Submissions,
	type Unanswered,
} from "./submissions.ts";

export interface MembershipDeps {
	readonly backend: Pick<Backend, "submit">;
	readonly clock: Clock;
	readonly limits: Limits;
}

/** An op that the owner has committed and the channel has not brought is looked for after this long. */
const OVERDUE_MS = 1_000;

/** One session in one document: its edits on the way up, and its place in the stream that comes down. */
export class DocumentMembership implements Membership, SubmissionSink {
	readonly about: Participation;
	deliveredRev: number;
	mode: Mode;
	hasEnded = false;
	readonly channel: Channel;
	readonly seat: PresenceSeat;
	readonly #session: Session;
	readonly #deps: MembershipDeps;
	readonly #submissions: Submissions;
	readonly #clientPrefix: string | undefined;
	/** An edit was refused while later ones were under way: they presuppose it, and so may all that follow. */
	#mustResync = false;
	/** It has sent an edit before the one before was answered. */
	#isPipelining = false;
	/** Too many were in flight: nothing more until all of them are answered. */
	#isFull = false;

	constructor(
		about: Participation,
		session: Session,
		entered: { readonly channel: Channel; readonly seat: PresenceSeat },
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
		this.#clientPrefix =
			about.clientId === undefined ? undefined : `${about.clientId}:`;
	}

	/** Sends an edit to the owner; throws what it is refused with here. */
	edit(request: Request<"operation:edit">): void {
		if (this.mode !== "edit")
			throw new CollabError("FORBIDDEN", `Joined to ${this.mode}, not to edit`);
		if (this.#mustResync)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"An earlier edit was refused: join again",
				{ reason: "refused" },
			);
		this.#checkInflight();
		this.#submissions.accept(request, this.#submission(request));
		this.#isPipelining ||= this.#submissions.size > 1;
	}

	refusedAtTheDoor(): void {
		this.#mustResync ||= this.#submissions.size > 0;
	}

	#checkInflight(): void {
		const { inflight } = this.#deps.limits;
		const { size } = this.#submissions;
		if (size === 0) this.#isFull = false;
		this.#isFull ||= size >= inflight;
		if (this.#isFull)
			throw new CollabError(
				"RATE_LIMITED",
				"Too many edits without an answer",
				{ limit: "inflight", max: inflight },
				{ retryAfterMs: 1_000 },
			);
	}

	#submission(request: Request<"operation:edit">): Submission {
		const { docId, userId, unit, replicaId, joinedRev } = this.about;
		try {
			const asked = editRequest(request.data, unit, this.#deps.limits);
			this.#checkPrefix(asked.opId);
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
		} catch (error) {
			this.refusedAtTheDoor();
			throw error;
		}
	}

	/** An op id belongs to this session, or to the client that it said it is. */
	#checkPrefix(opId: OpId | undefined): void {
		if (opId === undefined) return;
		const { client } = splitOpId(opId);
		const { clientId } = this.about;
		if (client === clientId || (client as string) === this.#session.id) return;
		throw new CollabError("FORBIDDEN", "The op id is not this client's", {
			reason: "opId",
		});
	}

	deliver(delivery: Delivery): void {
		const unanswered = this.#ownOf(delivery.head);
		if (unanswered !== undefined || this.#isOwn(delivery.head))
			this.#acknowledge(delivery, unanswered);
		else this.#session.send(this.#frameOf(delivery));
	}

	#frameOf(delivery: Delivery): Buffer {
		const { format, unit } = this.about;
		return format === "native"
			? delivery.nativeFrame()
			: delivery.simpleFrames(unit);
	}

	/** This session's edits, and those of the same client's earlier sessions. */
	#isOwn({ sessionId, userId, opId }: OpHead): boolean {
		if (sessionId === this.#session.id) return true;
		return (
			userId === this.about.userId &&
			this.#clientPrefix !== undefined &&
			opId.startsWith(this.#clientPrefix)
		);
	}

	/** A user may repeat an op id of a session that has gone; another user's op is never his. */
	#ownOf({ userId, opId }: OpHead): Unanswered | undefined {
		if (this.#submissions.size === 0 || userId !== this.about.userId)
			return undefined;
		return this.#submissions.find(opId);
	}

	#acknowledge(delivery: Delivery, unanswered: Unanswered | undefined): void {
		const { docId, unit } = this.about;
		const { opId, rev, clock, changed, replicaId } = delivery.head;
		// Sent again, it counts where it was committed first, and its author has counted it here.
		const countsElsewhere =
			unanswered !== undefined && replicaId !== this.about.replicaId;
		const clockCorrected = delivery.head.clockCorrected || countsElsewhere;
		// What was read from the log may have been changed on its way: told in any case.
		const tells = changed || !delivery.live || unanswered === undefined;
		const dataJson = JSON.stringify({
			prdId: docId,
			opId,
			revision: rev,
			vectorClock: clock,
			...(tells ? { operations: delivery.operations(unit) } : {}),
			...(clockCorrected ? { clockCorrected: true } : {}),
		});
		if (unanswered !== undefined) this.#submissions.answer(unanswered);
		if (unanswered?.request.id === undefined)
			this.#session.sendJson("operation:ack", docId, dataJson);
		else this.#session.acknowledge(unanswered.request, dataJson);
	}

	known(unanswered: Unanswered, message: OpMessage): void {
		const { rev } = message.head;
		if (rev > this.deliveredRev) this.channel.expect(rev);
		else
			this.#acknowledge(
				new Delivery(this.about.docId, message, false),
				unanswered,
			);
	}

	refused(unanswered: Unanswered, error: CollabError): void {
		// What was sent before this answer is read presupposes the edit; only who waits for answers, and was wrong, has sent
		// nothing more.
		const isWrong = ERRORS[error.code].recovery === "none";
		if (!isWrong || this.#isPipelining) this.#mustResync = true;
		this.#submissions.answer(unanswered);
		this.#session.refuse(unanswered.request, error, this.#deps.clock.nowMs());
	}

	lost(): void {
		this.#session.close(CLOSES.positionLost);
	}

	tick(nowMs: number): void {
		const { oldest } = this.#submissions;
		if (oldest === undefined) return;
		const ageMs = nowMs - oldest.acceptedAtMs;
		if (ageMs >= FATE_MS) this.lost();
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
