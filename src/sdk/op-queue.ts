import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	invert,
	isNoop,
} from "../ot/document-op.ts";
import type { TextOp } from "../ot/text-op.ts";
import { type OpBounds, splitOp } from "./op-split.ts";
import type { Place } from "./place.ts";
import { RecentOps } from "./recent-ops.ts";
import { inSequence, NOTHING, type Step, type Submission } from "./step.ts";
import { textDiff } from "./text-diff.ts";

import {
	type Committed,
	cross,
	type Inflight,
	joined,
	type Pending,
	type Snapshot,
	unlessNoop,
} from "./unsent.ts";

/**
 * One document as its editor sees it: what the server has committed (`base` at `rev`), then the op that is inflight
 * (at most one), then the pending one. Pure: every call answers with what to show and what to send.
 */
export class OpQueue {
	readonly #newOpId: () => string;
	readonly #bounds: () => OpBounds;
	readonly #onCommitted: (op: TextOp, author: string | undefined) => void;
	#live = false;
	/** Whether `base` is known to be the text at `rev`. */
	#placed = false;
	#epoch = "";
	#rev = 0;
	#base: DocumentContent = { text: "", runs: [] };
	#local: DocumentContent = this.#base;
	#inflight: Inflight | undefined;
	#pending: Pending | undefined;
	/** A snapshot that waits for the answer to the inflight op, which alone tells whether the op is part of it. */
	#fresh: Snapshot | undefined;
	readonly #recent = new RecentOps();

	/** @param onCommitted the committed text has changed so; the author is a session, or undefined for this one */
	constructor(
		newOpId: () => string,
		bounds: () => OpBounds,
		onCommitted: (op: TextOp, author: string | undefined) => void,
	) {
		this.#onCommitted = onCommitted;
		this.#newOpId = newOpId;
		this.#bounds = bounds;
	}

	/** What the editor shows. */
	get content(): DocumentContent {
		return this.#local;
	}

	get rev(): number {
		return this.#rev;
	}

	/** From where a catch-up can go on; undefined when only a snapshot helps. */
	get since(): { readonly rev: number; readonly epoch: string } | undefined {
		return this.#placed ? { rev: this.#rev, epoch: this.#epoch } : undefined;
	}

	get inflight(): Submission | undefined {
		return this.#inflight?.sent;
	}

	/** Edits that the server has not committed. */
	get unsent(): number {
		const edits = (this.#inflight?.edits ?? 0) + (this.#pending?.edits ?? 0);
		return this.#inflight || this.#pending ? Math.max(1, edits) : 0;
	}

	/** Edits that lead from the committed text to the shown one. */
	get ahead(): readonly TextOp[] {
		return [this.#inflight, this.#pending].flatMap((own) =>
			own === undefined ? [] : [own.op.t],
		);
	}

	/**
	 * Where a place is in the committed text at our revision that was found in the text at `rev` (or in that very text);
	 * undefined when the text at `rev` is not known (any more, or yet).
	 */
	locate(
		rev: number | undefined,
		find: (text: string) => Place,
		author: string,
	): Place | undefined {
		const now = { rev: this.#rev, text: this.#base.text };
		return this.#recent.locate(rev ?? now.rev, now, find, author);
	}

	/** Throws `OPERATION_INVALID` and changes nothing when the op does not fit. */
	edit(op: DocumentOp): Step {
		if (isNoop(op)) return NOTHING;
		this.#local = applyOp(this.#local, op);
		this.#pending = joined(this.#pending, { op, edits: 1 });
		return this.#flush();
	}

	/** The connection is lost, or the document is to be joined anew: keeps everything and sends nothing. */
	pause(): void {
		this.#live = false;
		this.#fresh = undefined;
	}

	/** Our place in the history is of no use any more: only a snapshot helps. */
	startOver(): Step {
		this.pause();
		this.#placed = false;
		return { rejoin: true };
	}

	/** A committed op: of somebody else, or an own one among those missed, which then counts as its ack. */
	remote(committed: Committed): Step {
		if (this.#fresh !== undefined) return this.#onFresh(this.#fresh, committed);
		if (!this.#placed || committed.rev <= this.#rev) return NOTHING;
		if (committed.rev > this.#rev + 1) return this.#catchUp();
		if (committed.opId === this.#inflight?.sent.opId) return this.#committed();
		return this.#rebase(committed);
	}

	ack(opId: string, rev: number): Step {
		if (opId !== this.#inflight?.sent.opId) return NOTHING;
		if (this.#fresh !== undefined) {
			if (rev <= this.#fresh.rev) return this.#adopt(this.#fresh, true);
			// Committed above the snapshot, in a form that we were not told: the next snapshot has it.
			this.#committed();
			return this.startOver();
		}
		if (!this.#placed) return NOTHING;
		if (rev === this.#rev + 1) return this.#committed();
		return rev > this.#rev ? this.#catchUp() : this.startOver();
	}

	/** The inflight op is known not to be committed and never will be: takes it back and keeps what came after it. */
	refuse(opId: string): Step {
		const inflight = this.#inflight;
		if (opId !== inflight?.sent.opId) return NOTHING;
		const taken = invert(inflight.op, this.#base);
		const [pending, undo] = cross(this.#pending, taken);
		this.#local = applyOp(this.#local, undo);
		this.#inflight = undefined;
		this.#pending = unlessNoop(pending);
		const next =
			this.#fresh === undefined
				? this.#flush()
				: this.#adopt(this.#fresh, false);
		return inSequence({ apply: undo }, next);
	}

	/** What has not been sent never will be: takes it back. The op that is inflight still gets its answer. */
	withdraw(): Step {
		const pending = this.#pending;
		if (pending === undefined) return NOTHING;
		const before = this.#inflight
			? applyOp(this.#base, this.#inflight.op)
			: this.#base;
		this.#local = before;
		this.#pending = undefined;
		return { apply: invert(pending.op, before) };
	}

	/** The inflight op is known not to be committed but is good: it goes out again with what follows it, as a new op. */
	remake(opId: string): Step {
		if (opId !== this.#inflight?.sent.opId) return NOTHING;
		if (this.#fresh !== undefined) return this.#adopt(this.#fresh, false);
		this.#inflight = { ...this.#inflight, isRefused: true };
		return this.#catchUp();
	}

	/** Joined from the known revision: the ops since then, complete up to `rev`. */
	caughtUp(rev: number, missed: readonly Committed[]): Step {
		let step: Step = NOTHING;
		for (const committed of missed) {
			step = inSequence(step, this.remote(committed));
			if (step.rejoin !== undefined) return step;
		}
		if (this.#rev < rev) return inSequence(step, this.startOver());
		return inSequence(step, this.#resume());
	}

	/** Joined with a snapshot. The inflight op is sent again where its history is the same one. */
	joined(snapshot: Snapshot): Step {
		const sameHistory = snapshot.epoch === this.#epoch;
		const isSentAgain = this.#inflight?.isRefused === undefined;
		if (this.#inflight === undefined || !sameHistory || !isSentAgain)
			return inSequence(this.#adopt(snapshot, false), this.#resume());
		this.#fresh = snapshot;
		return this.#resume();
	}

	/** The server replaced our position by a snapshot; the answer to the inflight op is still to come. */
	reset(snapshot: Snapshot): Step {
		if (this.#inflight === undefined || snapshot.epoch !== this.#epoch)
			return this.#adopt(snapshot, false);
		this.#fresh = snapshot;
		return NOTHING;
	}

	#resume(): Step {
		this.#live = true;
		if (this.#inflight?.isRefused) {
			this.#pending = joined(this.#inflight, this.#pending);
			this.#inflight = undefined;
		}
		return this.#inflight === undefined
			? this.#flush()
			: { send: this.#inflight.sent };
	}

	#catchUp(): Step {
		this.pause();
		return { rejoin: true };
	}

	/** Sends what is pending when the way is free. */
	#flush(): Step {
		const pending = this.#pending;
		if (!this.#live || this.#inflight || this.#fresh || !pending)
			return NOTHING;
		const [op, rest] = splitOp(pending.op, this.#bounds());
		const sent = { opId: this.#newOpId(), revision: this.#rev, op };
		this.#inflight = { sent, op, edits: rest ? 0 : pending.edits };
		this.#pending = rest && { op: rest, edits: pending.edits };
		return { send: sent };
	}

	#committed(): Step {
		const inflight = this.#inflight;
		if (inflight === undefined) return NOTHING;
		this.#note(this.#rev + 1, inflight.op.t, undefined);
		this.#base = this.#pending ? applyOp(this.#base, inflight.op) : this.#local;
		this.#inflight = undefined;
		this.#rev++;
		return this.#flush();
	}

	#note(rev: number, op: TextOp, author: string | undefined): void {
		this.#recent.add(rev, op, this.#base.text, author);
		this.#onCommitted(op, author);
	}

	#rebase({ op, rev, author }: Committed): Step {
		this.#note(rev, op.t, author);
		const base = applyOp(this.#base, op);
		const [inflight, past] = cross(this.#inflight, op);
		const [pending, theirs] = cross(this.#pending, past);
		this.#local = inflight || pending ? applyOp(this.#local, theirs) : base;
		this.#base = base;
		this.#rev = rev;
		this.#inflight = inflight;
		this.#pending = unlessNoop(pending);
		return { apply: theirs };
	}

	/** A committed op while a snapshot waits: it belongs to the snapshot's history, not to ours. */
	#onFresh(fresh: Snapshot, { rev, op, opId }: Committed): Step {
		if (rev <= fresh.rev) return NOTHING;
		if (rev > fresh.rev + 1) return this.startOver();
		this.#fresh = { ...fresh, rev, content: applyOp(fresh.content, op) };
		return opId === this.#inflight?.sent.opId
			? this.#adopt(this.#fresh, true)
			: NOTHING;
	}

	/**
	 * Takes a snapshot whose way from our base is unknown: three-way, by the difference of the two texts. What is
	 * unsent is moved over that difference and kept.
	 */
	#adopt(snapshot: Snapshot, hasInflight: boolean): Step {
		const inflight = this.#inflight;
		const base =
			inflight && hasInflight ? applyOp(this.#base, inflight.op) : this.#base;
		const mine = hasInflight ? this.#pending : joined(inflight, this.#pending);
		const between: DocumentOp = {
			t: textDiff(base.text, snapshot.content.text),
			m: [],
		};
		if (inflight && hasInflight) this.#onCommitted(inflight.op.t, undefined);
		this.#onCommitted(between.t, undefined);
		const [moved, theirs] = cross(mine, between);
		const pending = unlessNoop(moved);
		this.#recent.clear();
		this.#base = snapshot.content;
		this.#local = pending
			? applyOp(snapshot.content, pending.op)
			: snapshot.content;
		this.#rev = snapshot.rev;
		this.#epoch = snapshot.epoch;
		this.#placed = true;
		this.#inflight = undefined;
		this.#pending = pending;
		this.#fresh = undefined;
		return inSequence({ apply: theirs }, this.#flush());
	}
}
