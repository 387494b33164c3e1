import type { OpMessage } from "../protocol/document-message.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type {
	Submission,
	SubmissionRefusal,
	SubmissionResult,
} from "../protocol/submission.ts";
import type { Clock } from "../shared/clock.ts";
import type { OpId } from "../shared/ids.ts";
import type { Backend } from "./backend.ts";

/** An edit that has been accepted and not been answered. */
export interface Unanswered {
	readonly request: Request<"operation:edit">;
	readonly submission: Submission;
	readonly acceptedAtMs: number;
	/** Where it was committed, once the owner has said so; its ack still waits for its place in the order. */
	rev: number | undefined;
	isAnswered: boolean;
}

/** What the membership does with what the owner said. */
export interface SubmissionSink {
	/** Committed before; the message may belong in front of what has been delivered. */
	known(unanswered: Unanswered, message: OpMessage): void;
	refused(unanswered: Unanswered, error: CollabError): void;
}

/** An edit whose fate stays unknown for this long ends the session. */
export const FATE_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** One session's edits of one document on their way to the owner: numbered, repeated until their fate is known. */
export class Submissions {
	readonly #backend: Pick<Backend, "submit">;
	readonly #clock: Clock;
	readonly #sink: SubmissionSink;
	#list: Unanswered[] = [];
	#seq = 0;
	/** Calls to the owner that have not returned. */
	#calls = 0;
	/** A fate is unknown: new edits wait in the list until all of it has been sent again. */
	#stalled = false;
	/** Of the calls under way one has already left a fate unknown. */
	#sawUnknown = false;
	#pauseMs = FIRST_PAUSE_MS;
	#cancelRetry: (() => void) | undefined;
	#ended = false;
	#idle: PromiseWithResolvers<void> | undefined;
	#fates: PromiseWithResolvers<void> | undefined;

	constructor(
		backend: Pick<Backend, "submit">,
		clock: Clock,
		sink: SubmissionSink,
	) {
		this.#backend = backend;
		this.#clock = clock;
		this.#sink = sink;
	}

	get size(): number {
		return this.#list.length;
	}

	/** The place of the next edit; `settled` as in `Submission`. */
	get nextPlace(): { readonly seq: number; readonly settled: number } {
		return { seq: this.#seq + 1, settled: this.#seq - this.#list.length };
	}

	/** When the oldest unanswered edit was accepted. */
	get oldest(): Unanswered | undefined {
		return this.#list[0];
	}

	/** Takes an edit made with `nextPlace` and sends it, behind those whose fate is unknown. */
	accept(request: Request<"operation:edit">, submission: Submission): void {
		this.#seq = submission.seq;
		const unanswered: Unanswered = {
			request,
			submission,
			acceptedAtMs: this.#clock.nowMs(),
			rev: undefined,
			isAnswered: false,
		};
		this.#list.push(unanswered);
		if (!this.#stalled) void this.#send(unanswered);
	}

	find(opId: OpId): Unanswered | undefined {
		return this.#list.find(({ submission }) => submission.opId === opId);
	}

	/** The edit has got its answer: whatever the owner still says of it is dropped. */
	answer(unanswered: Unanswered): void {
		unanswered.isAnswered = true;
		const index = this.#list.indexOf(unanswered);
		if (index >= 0) this.#list.splice(index, 1);
		if (this.#list.length === 0) this.#idle?.resolve();
		this.#checkFates();
	}

	/** Edits that are committed and whose ack has not had its turn, in order; after `fates` no others are open. */
	get committed(): readonly Unanswered[] {
		return this.#list.filter(({ rev }) => rev !== undefined);
	}

	/** Resolves when every edit is known to be committed or refused, or the membership has ended. */
	fates(): Promise<void> {
		this.#fates ??= Promise.withResolvers<void>();
		const { promise } = this.#fates;
		this.#checkFates();
		return promise;
	}

	#checkFates(): void {
		if (this.#list.some(({ rev }) => rev === undefined)) return;
		this.#fates?.resolve();
		this.#fates = undefined;
	}

	/** Gives out the edits without an answer, which the caller now owes; whatever the owner still says is dropped. */
	takeAll(): readonly Unanswered[] {
		const open = this.#list;
		for (const unanswered of open) unanswered.isAnswered = true;
		this.#list = [];
		this.#idle?.resolve();
		this.#checkFates();
		return open;
	}

	/** Resolves when every edit accepted so far has been answered, or the membership has ended. */
	idle(): Promise<void> {
		if (this.#list.length === 0 || this.#ended) return Promise.resolve();
		this.#idle ??= Promise.withResolvers<void>();
		const { promise } = this.#idle;
		void promise.then(() => {
			this.#idle = undefined;
		});
		return promise;
	}

	end(): void {
		this.#ended = true;
		this.#cancelRetry?.();
		this.takeAll();
	}

	async #send(unanswered: Unanswered): Promise<void> {
		this.#calls += 1;
		const result = await this.#ask(unanswered.submission);
		this.#calls -= 1;
		if (this.#ended) return;
		if (!unanswered.isAnswered) this.#settle(unanswered, result);
		if (this.#calls > 0 || !this.#stalled) return;
		if (this.#sawUnknown) this.#retryLater();
		else this.#flow();
	}

	async #ask(submission: Submission): Promise<SubmissionResult> {
		try {
			return await this.#backend.submit(submission);
		} catch (error) {
			return { outcome: "unknown", reason: String(error) };
		}
	}

	#settle(unanswered: Unanswered, result: SubmissionResult): void {
		switch (result.outcome) {
			case "committed":
				unanswered.rev = result.rev;
				this.#checkFates();
				return;
			case "known":
				unanswered.rev = result.message.head.rev;
				this.#sink.known(unanswered, result.message);
				this.#checkFates();
				return;
			case "refused":
				this.#sink.refused(unanswered, asError(result.error));
				return;
			case "unknown":
				this.#stalled = true;
				this.#sawUnknown = true;
		}
	}

	#retryLater(): void {
		this.#sawUnknown = false;
		this.#cancelRetry = this.#clock.after(this.#pauseMs, () =>
			this.#sendOpen(),
		);
		this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
	}

	/** Every fate is known again: what waited meanwhile goes out, and new edits no longer wait. */
	#flow(): void {
		this.#stalled = false;
		this.#pauseMs = FIRST_PAUSE_MS;
		this.#sendOpen();
	}

	/** Sends everything whose fate is unknown, in order; the owner answers what it has committed already. */
	#sendOpen(): void {
		const open = this.#list.filter(({ rev }) => rev === undefined);
		if (open.length === 0) this.#stalled = false;
		for (const unanswered of open) void this.#send(unanswered);
	}
}

export const asError = ({
	code,
	message,
	data,
	retryAfterMs,
}: SubmissionRefusal): CollabError =>
	new CollabError(
		code,
		message,
		data,
		retryAfterMs === undefined ? {} : { retryAfterMs },
	);
