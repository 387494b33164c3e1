import type { DocumentOp } from "../ot/document-op.ts";
import { ERRORS, type WireError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { Limits } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import { backoffMs } from "./backoff.ts";
import { committedOf, snapshotOf } from "./content.ts";
import { fromWire, type SdkError } from "./errors.ts";
import { OpQueue } from "./op-queue.ts";
import type { OpBounds } from "./op-split.ts";
import type { Step, Submission } from "./step.ts";
import type {
	AppliedEvent,
	JoinedEvent,
	Reply,
	Request,
	SnapshotEvent,
} from "./wire.ts";

/** What a document needs of its client. */
export interface DocHost {
	readonly clientId: string;
	readonly clock: Clock;
	readonly random: () => number;
	readonly request: Request;
	limits(): Limits;
	newOpId(): string;
	/** Called once, at the document's end. */
	closed(docId: string): void;
}

export type Origin = "local" | "remote" | "reset";

export interface SyncListener {
	joined(event: JoinedEvent): void;
	changed(op: DocumentOp, origin: Origin): void;
	/** The server did not take an edit, and it has been taken out of the text; `text` is what it had inserted. */
	refused(error: SdkError, text: string): void;
	/** The server has committed an edit. */
	committed(): void;
	/** Something about "live, unsent, over" may have changed. */
	moved(): void;
	ended(error: SdkError): void;
}

export type Life =
	| { readonly state: "away" }
	| { readonly state: "joining" }
	| { readonly state: "live" }
	| { readonly state: "over"; readonly error: SdkError };

/** Troubles of a server that a join waits out. */
const WAIT_OUT = new Set(["INTERNAL", "RESYNC_REQUIRED", "REVISION_AHEAD"]);
/** JSON takes up to 6 bytes for a code point, and the frame holds other things too. */
const FRAME_BYTES_PER_CODE_POINT = 8;

/** A document's conversation with the server: joins, submissions and what follows from the answers. */
export class DocSync {
	readonly queue: OpQueue;
	readonly #id: string;
	readonly #host: DocHost;
	readonly #listener: SyncListener;
	/** Modes still to be asked for, best first; the one joined with stays. */
	#modes: readonly Mode[];
	#life: Life = { state: "away" };
	#isNew = true;
	#submissions = 0;
	#failures = 0;
	#cancelRetry = () => {};

	constructor(
		id: string,
		modes: readonly Mode[],
		host: DocHost,
		listener: SyncListener,
	) {
		this.#id = id;
		this.#modes = modes;
		this.#host = host;
		this.#listener = listener;
		this.queue = new OpQueue(
			() => host.newOpId(),
			() => boundsOf(host.limits()),
		);
	}

	get life(): Life {
		return this.#life;
	}

	get mode(): Mode {
		return this.#modes[0] ?? "view";
	}

	connected(): void {
		this.#failures = 0;
		if (this.#life.state === "away") this.#join();
	}

	disconnected(): void {
		if (this.#life.state === "over") return;
		this.#cancelRetry();
		this.#life = { state: "away" };
		this.queue.pause();
		this.#listener.moved();
	}

	end(error: SdkError): void {
		if (this.#life.state === "over") return;
		this.#cancelRetry();
		this.#life = { state: "over", error };
		this.queue.pause();
		this.#listener.moved();
		this.#listener.ended(error);
	}

	permit(mode: Mode): void {
		this.#modes = [mode];
	}

	applied(event: AppliedEvent): void {
		this.#safely(() => this.queue.remote(committedOf(event)));
	}

	reset(event: SnapshotEvent): void {
		// One of the membership before: the answer to our join is on its way.
		if (this.#life.state !== "live") return;
		this.#safely(() => this.queue.reset(snapshotOf(event)), "reset");
	}

	/** Shows, sends and rejoins as the step says. */
	play(step: Step, origin: Origin): void {
		if (step.send !== undefined) this.#submit(step.send);
		if (step.apply !== undefined) this.#listener.changed(step.apply, origin);
		if (step.rejoin === true && this.#life.state === "live") this.#join();
		this.#listener.moved();
	}

	#join(): void {
		this.#cancelRetry();
		this.#life = { state: "joining" };
		const since = this.queue.since;
		this.#host.request(
			"document:join",
			{
				prdId: this.#id,
				mode: this.mode,
				clientId: this.#host.clientId,
				format: "native",
				// A document that was deleted meanwhile must not come back empty.
				create: this.#isNew,
				...(since && {
					lastKnownRevision: since.rev,
					lastEpoch: since.epoch,
				}),
			},
			(reply) => this.#joined(reply),
		);
	}

	#joined(reply: Reply): void {
		if (this.#life.state !== "joining") return;
		if (reply.ok) this.#entered(reply.data as JoinedEvent);
		else this.#joinRefused(reply.error);
	}

	#entered(event: JoinedEvent): void {
		const { revision, missedOperations: missed, currentContent } = event;
		this.#life = { state: "live" };
		this.#isNew = false;
		this.#modes = [event.mode ?? this.mode];
		if (missed !== undefined && currentContent === undefined)
			this.#safely(() =>
				this.queue.caughtUp(revision, missed.map(committedOf)),
			);
		else
			this.#safely(() => {
				const content = { currentContent: currentContent ?? "" };
				return this.queue.joined(snapshotOf({ ...event, ...content }));
			}, "reset");
		this.#listener.joined(event);
	}

	#joinRefused(error: WireError): void {
		this.#life = { state: "away" };
		if (error.code === "FORBIDDEN" && this.#modes.length > 1) {
			this.#modes = this.#modes.slice(1);
			this.#join();
		} else if (error.retryable || WAIT_OUT.has(error.code)) {
			if (asksForResync(error)) this.queue.startOver();
			this.#later(error, () => this.#join());
		} else this.end(fromWire(error));
	}

	/** What does not fit our text means that we lost track: a snapshot puts it right, and keeps what is unsent. */
	#safely(call: () => Step, origin: Origin = "remote"): void {
		let step: Step;
		try {
			step = call();
		} catch {
			step = this.queue.startOver();
		}
		this.play(step, origin);
	}

	#submit(sent: Submission): void {
		const { op, revision, opId } = sent;
		const marks = op.m.length === 0 ? {} : { marks: op.m };
		const number = ++this.#submissions;
		this.#host.request(
			"operation:edit",
			{ prdId: this.#id, operation: { op: op.t, ...marks, revision, opId } },
			(reply) => {
				if (reply.ok) this.#acked(sent, reply.data);
				// Of an op sent again only the newest refusal is the last word: an older one may cross the commit.
				else if (number === this.#submissions) this.#denied(sent, reply.error);
			},
		);
	}

	#acked(sent: Submission, data: unknown): void {
		const { revision } = data as { readonly revision: number };
		if (this.queue.inflight === sent) this.#listener.committed();
		this.#failures = 0;
		this.#safely(() => this.queue.ack(sent.opId, revision));
	}

	#denied(sent: Submission, error: WireError): void {
		if (this.#life.state !== "live" || this.queue.inflight !== sent) return;
		if (error.retryable) this.#later(error, () => this.#submit(sent));
		else if (asksForResync(error) || error.code === "NOT_JOINED")
			this.#remake(sent, error);
		else this.#refused(sent, error);
	}

	/** The first time at once, then with pauses: a server that always refuses is not asked in a tight loop. */
	#remake(sent: Submission, error: WireError): void {
		const remake = () => this.#safely(() => this.queue.remake(sent.opId));
		if (this.#failures > 0) this.#later(error, remake);
		else {
			this.#failures++;
			remake();
		}
	}

	#refused(sent: Submission, error: WireError): void {
		const text = sent.op.t.filter((part) => typeof part === "string").join("");
		this.#listener.refused(fromWire(error), text);
		this.#safely(() => this.queue.refuse(sent.opId), "reset");
	}

	#later(error: WireError, task: () => void): void {
		this.#failures++;
		const { clock, random } = this.#host;
		const delayMs =
			(error.retryAfterMs ?? 0) + backoffMs(this.#failures, random);
		this.#cancelRetry();
		this.#cancelRetry = clock.after(delayMs, task);
	}
}

const asksForResync = (error: WireError): boolean =>
	ERRORS[error.code]?.recovery === "resync";

const boundsOf = (limits: Limits): OpBounds => ({
	components: limits.components,
	insertCodePoints: Math.min(
		limits.insertCodePoints,
		Math.floor(limits.frameBytes / FRAME_BYTES_PER_CODE_POINT),
	),
});
