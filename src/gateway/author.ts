import type { OpHead, OpMessage } from "../protocol/document-message.ts";
import { type EditRequest, editRequest } from "../protocol/edit-request.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import type { Clock } from "../shared/clock.ts";
import type { Limits } from "../shared/limits.ts";
import type { Backend } from "./backend.ts";
import type { Channel } from "./channel.ts";
import { Delivery } from "./delivery.ts";
import { EditAnswers } from "./edit-answers.ts";
import { EditGate } from "./edit-gate.ts";
import { checkOwnId, isOwnOp } from "./own-ops.ts";
import type { Participation } from "./participation.ts";
import type { Session } from "./session.ts";
import { type ResetPoint, StaleEdits, type StaleSink } from "./stale-edits.ts";
import {
	type SubmissionSink,
	Submissions,
	type Unanswered,
} from "./submissions.ts";

type Edit = Request<"operation:edit">;

export interface AuthorDeps {
	readonly backend: Pick<Backend, "submit">;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly isLimiting: boolean;
}

/** Where the session stands in the stream that comes down. */
export interface StreamPlace {
	readonly about: Participation;
	readonly deliveredRev: number;
	readonly channel: Channel;
	/** An answer cannot be had any more. */
	lost(): void;
}

/** One session as the author of edits of one document: they go to the owner, and each gets one answer. */
export class Author implements SubmissionSink {
	readonly #session: Session;
	readonly #place: StreamPlace;
	readonly #deps: AuthorDeps;
	readonly #submissions: Submissions;
	/** Made with the first reset. */
	#stale: StaleEdits | undefined;
	readonly #gate: EditGate;
	readonly #answers: EditAnswers;

	/** @param resetTo the client was there before and has been given the text */
	constructor(
		session: Session,
		place: StreamPlace,
		deps: AuthorDeps,
		resetTo: ResetPoint | undefined,
	) {
		const { backend, clock, limits } = deps;
		const { about } = place;
		this.#session = session;
		this.#place = place;
		this.#deps = deps;
		this.#submissions = new Submissions(backend, clock, this);
		if (resetTo !== undefined) this.#stale = this.#staleSince(resetTo);
		this.#gate = new EditGate(limits.inflight, session);
		this.#answers = new EditAnswers(session, about, clock);
	}

	/** Sends an edit to the owner; throws what it is refused with here. */
	send(request: Edit): void {
		this.#gate.check(this.#open);
		try {
			this.#submit(request);
		} catch (error) {
			this.turnedAway();
			throw error;
		}
		this.#gate.passed(this.#open);
	}

	/** An edit was refused before it came to the owner. */
	turnedAway(): void {
		this.#gate.turnedAway(this.#submissions.size);
	}

	/** Acknowledges an op that is the session's own; false: it is somebody else's. */
	takes(delivery: Delivery): boolean {
		const unanswered = this.#find(delivery.head);
		const { id } = this.#session;
		if (
			unanswered === undefined &&
			!isOwnOp(id, this.#place.about, delivery.head)
		)
			return false;
		this.#answer(delivery, unanswered);
		return true;
	}

	known(unanswered: Unanswered, message: OpMessage): void {
		const { about, channel, deliveredRev } = this.#place;
		const { rev } = message.head;
		if (rev > deliveredRev) channel.expect(rev);
		else this.#answer(new Delivery(about.docId, message, false), unanswered);
	}

	refused(unanswered: Unanswered, error: CollabError): void {
		this.#gate.refused(error);
		this.#submissions.answer(unanswered);
		this.#refuse(unanswered.request, error);
	}

	/** What is without an answer is not in the log of any document. */
	deleted(): void {
		const gone = new CollabError("NOT_FOUND", "The document has been deleted");
		for (const { request } of this.#submissions.takeAll())
			this.#answers.refuse(request, gone);
	}

	/** A reset is under way: nothing more is committed. */
	freeze(): void {
		this.#stale ??= this.#staleSince(undefined);
		this.#stale.takeAll();
	}

	/** The new text tells what it contains. */
	handOver(vectorClock: Readonly<Record<string, number>>): void {
		for (const unanswered of this.#submissions.committed)
			this.#answers.acknowledgeIn(unanswered, vectorClock);
	}

	/** The edit that has waited longest for its answer. */
	get oldest(): Unanswered | undefined {
		return this.#submissions.oldest;
	}

	/** Resolves when every edit is known to be committed or refused. */
	async fates(): Promise<void> {
		await this.#submissions.fates();
		await this.#stale?.idle();
	}

	/** Resolves when every edit has its answer. */
	idle(): Promise<void> {
		return this.#submissions.idle();
	}

	end(): void {
		this.#submissions.end();
		this.#gate.answered(0);
	}

	/** Edits without an answer. */
	get #open(): number {
		return this.#submissions.size + (this.#stale?.size ?? 0);
	}

	#submit(request: Edit): void {
		const { isLimiting, clock, limits } = this.#deps;
		const { about, channel } = this.#place;
		const asked = editRequest(request.data, about.unit, limits);
		checkOwnId(this.#session.id, about, asked.opId);
		if (isLimiting) channel.rate.charge(this.#session.id, clock.nowMs());
		const submission = this.#submission(asked);
		if (this.#stale?.takes(asked) === true)
			void this.#stale.ask(
				request,
				asked.opId === undefined ? undefined : submission,
			);
		else this.#submissions.accept(request, submission);
	}

	#submission(asked: EditRequest): Submission {
		const { docId, userId, replicaId, joinedRev, fence } = this.#place.about;
		return {
			...asked,
			...this.#submissions.nextPlace,
			docId,
			userId,
			replicaId,
			joinedRev,
			fence,
			sessionId: this.#session.id,
			opId: asked.opId ?? this.#session.nextOpId(),
		};
	}

	/** A user may repeat an op id of a session that has gone; another user's op is never his. */
	#find({ userId, opId }: OpHead): Unanswered | undefined {
		if (this.#submissions.size === 0 || userId !== this.#place.about.userId)
			return undefined;
		return this.#submissions.find(opId);
	}

	#answer(delivery: Delivery, unanswered: Unanswered | undefined): void {
		if (unanswered !== undefined) this.#submissions.answer(unanswered);
		this.#acknowledge(delivery, unanswered?.request);
	}

	#acknowledge(delivery: Delivery, request: Edit | undefined): void {
		this.#answers.acknowledge(delivery, request);
		this.#gate.answered(this.#open);
	}

	#refuse(request: Edit, error: CollabError): void {
		this.#answers.refuse(request, error);
		this.#gate.answered(this.#open);
	}

	#staleSince(resetTo: ResetPoint | undefined): StaleEdits {
		const { docId, userId } = this.#place.about;
		const sink: StaleSink = {
			known: (request, { message }) =>
				this.#acknowledge(new Delivery(docId, message, false), request),
			refused: (request, error) => this.#refuse(request, error),
			lost: () => this.#place.lost(),
		};
		const { backend } = this.#deps;
		return new StaleEdits(backend, sink, { userId, resetTo });
	}
}
