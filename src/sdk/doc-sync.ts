import { ERRORS, type WireError } from "../protocol/errors.ts";
import type { Limits } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import { backoffMs } from "./backoff.ts";
import { committedOf, snapshotOf } from "./content.ts";
import type { DocHost, Life, Origin, SyncListener } from "./doc-host.ts";
import { fromWire, SdkError } from "./errors.ts";
import { modesUpTo } from "./joins.ts";
import { OpQueue } from "./op-queue.ts";
import type { OpBounds } from "./op-split.ts";
import type { Step, Submission } from "./step.ts";
import type {
	AppliedEvent,
	JoinedEvent,
	Reply,
	SnapshotEvent,
} from "./wire.ts";

/** Troubles of a server that a join waits out. */
const WAIT_OUT = new Set(["INTERNAL", "RESYNC_REQUIRED", "REVISION_AHEAD"]);
/** What a frame holds beside its op: type and ids, none of them longer than 128 characters. */
const ENVELOPE_BYTES = 1_024;

/** A document's conversation with the server: joins, submissions and what follows from the answers. */
export class DocSync {
	readonly queue: OpQueue;
	readonly #id: string;
	readonly #host: DocHost;
	readonly #listener: SyncListener;
	/** The one mode that was asked for; undefined: the best that the person may have. */
	#wanted: Mode | undefined;
	/** What the person may do, as far as we know. */
	#mode: Mode;
	#life: Life = { state: "away" };
	#isNew = true;
	#submissions = 0;
	#failures = 0;
	#cancelRetry = () => {};

	constructor(
		id: string,
		wanted: Mode | undefined,
		host: DocHost,
		listener: SyncListener,
	) {
		this.#id = id;
		this.#wanted = wanted;
		this.#mode = wanted ?? "edit";
		this.#host = host;
		this.#listener = listener;
		this.queue = new OpQueue(
			() => host.newOpId(),
			() => boundsOf(host.limits()),
			(op, author) => listener.advanced(op, author),
		);
	}

	get life(): Life {
		return this.#life;
	}

	get mode(): Mode {
		return this.#mode;
	}

	connected(): void {
		this.#failures = 0;
		// A person may have got more rights meanwhile.
		if (this.#life.state === "away") this.#join("edit");
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
		if (error.code !== "CLOSED") this.#draft(error);
		this.#listener.moved();
		this.#listener.ended(error);
	}

	/** The person may do this now, no more and no less. */
	permit(mode: Mode, reason: string): void {
		this.#mode = mode;
		this.#wanted = undefined;
		this.#withdraw(new SdkError("FORBIDDEN", reason));
	}

	applied(event: AppliedEvent): void {
		const { sessionId } = event;
		this.#safely(
			() => this.queue.remote(committedOf(event)),
			"remote",
			sessionId,
		);
	}

	reset(event: SnapshotEvent): void {
		// One of the membership before: the answer to our join is on its way.
		if (this.#life.state !== "live") return;
		this.#safely(() => this.queue.reset(snapshotOf(event)), "reset");
	}

	/** Shows, sends and rejoins as the step says. */
	play(step: Step, origin: Origin, author?: string): void {
		if (step.send !== undefined) this.#submit(step.send);
		if (step.apply !== undefined)
			this.#listener.changed(step.apply, origin, author);
		if (step.rejoin === true && this.#life.state === "live") this.#join();
		this.#listener.moved();
	}

	/** @param best what the person may do at most, where no mode was asked for */
	#join(best = this.#mode): void {
		this.#cancelRetry();
		const life: Life = { state: "joining" };
		this.#life = life;
		this.#host.join(
			{
				docId: this.#id,
				modes: this.#wanted ? [this.#wanted] : modesUpTo(best),
				isNew: this.#isNew,
				since: this.queue.since,
				isWanted: () => this.#life === life,
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
		this.#mode = event.mode ?? this.#mode;
		const readOnly = "The document is open for reading only";
		if (missed !== undefined && currentContent === undefined)
			this.#safely(() =>
				this.queue.caughtUp(revision, missed.map(committedOf)),
			);
		else
			this.#safely(() => {
				const content = { currentContent: currentContent ?? "" };
				return this.queue.joined(snapshotOf({ ...event, ...content }));
			}, "reset");
		this.#withdraw(new SdkError("FORBIDDEN", readOnly));
		this.#listener.joined(event);
	}

	#joinRefused(error: WireError): void {
		this.#life = { state: "away" };
		if (error.retryable || WAIT_OUT.has(error.code)) {
			if (asksForResync(error)) this.queue.startOver();
			this.#later(error, () => this.#join());
		} else this.end(fromWire(error));
	}

	/** What does not fit our text means that we lost track: a snapshot puts it right, and keeps what is unsent. */
	#safely(call: () => Step, origin: Origin = "remote", author?: string): void {
		let step: Step;
		try {
			step = call();
		} catch {
			step = this.queue.startOver();
		}
		this.play(step, origin, author);
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
		// Without the right to edit it is part of the draft already.
		if (this.#mode === "edit") this.#listener.refused(fromWire(error), text);
		this.#safely(() => this.queue.refuse(sent.opId), "reset");
	}

	/** Edits that wait for a right that is gone are given back instead of lost. */
	#withdraw(error: SdkError): void {
		if (this.#mode === "edit") return;
		this.#draft(error);
		this.#safely(() => this.queue.withdraw(), "reset");
	}

	#draft(error: SdkError): void {
		const { unsent, content } = this.queue;
		if (unsent > 0) this.#listener.drafted(error, content.text, unsent);
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

const boundsOf = ({
	components,
	insertCodePoints,
	frameBytes,
}: Limits): OpBounds => ({
	components,
	insertCodePoints,
	bytes: frameBytes - ENVELOPE_BYTES,
});
