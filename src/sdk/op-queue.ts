import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	invert,
	isNoop,
} from "../ot/document-op.ts";
import type { TextOp } from "../ot/text-op.ts";
import { CommittedText } from "./committed-text.ts";
import { type OpBounds, splitOp } from "./op-split.ts";
import { inSequence, NOTHING, type Step, type Submission } from "./step.ts";
import {
	type Committed,
	cross,
	difference,
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
	#live = false;
	readonly #base: CommittedText;
	#local: DocumentContent;
	#inflight: Inflight | undefined;
	#pending: Pending | undefined;
	/** A snapshot that waits for the answer to the inflight op, which alone tells whether the op is part of it. */
	#fresh: Snapshot | undefined;

	/** @param onCommitted the committed text has changed so; the author is a session, or undefined for this one */
	constructor(
		newOpId: () => string,
		bounds: () => OpBounds,
		onCommitted: (op: TextOp, author: string | undefined) => void,
	) {
		this.#base = new CommittedText(onCommitted);
		this.#local = this.#base.content;
		this.#newOpId = newOpId;
		this.#bounds = bounds;
	}

	/** What the editor shows. */
	get content(): DocumentContent {
		return this.#local;
	}

	get rev(): number {
		return this.#base.rev;
	}

	/** From where a catch-up can go on; undefined when only a snapshot helps. */
	get since(): { readonly rev: number; readonly epoch: string } | undefined {
		return this.#base.since;
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

	/** In the committed text; see `CommittedText.locate`. */
	readonly locate: CommittedText["locate"] = (rev, find, author) =>
		this.#base.locate(rev, find, author);

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
		this.#base.lose();
		return { rejoin: true };
	}

	/** A committed op: of somebody else, or an own one among those missed, which then counts as its ack. */
	remote(committed: Committed): Step {
		if (this.#fresh !== undefined) return this.#onFresh(this.#fresh, committed);
		if (!this.#base.isPlaced || committed.rev <= this.#base.rev) return NOTHING;
		if (committed.rev > this.#base.rev + 1) return this.#catchUp();
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
		if (!this.#base.isPlaced) return NOTHING;
		if (rev === this.#base.rev + 1) return this.#committed();
		return rev > this.#base.rev ? this.#catchUp() : this.startOver();
	}

	/** The inflight op is known not to be committed and never will be: takes it back and keeps what came after it. */
	refuse(opId: string): Step {
		const inflight = this.#inflight;
		if (opId !== inflight?.sent.opId) return NOTHING;
		const taken = invert(inflight.op, this.#base.content);
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
		const before = this.#sent();
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
		if (this.#base.rev < rev) return inSequence(step, this.startOver());
		return inSequence(step, this.#resume());
	}

	/** Joined with a snapshot. The inflight op is sent again where its history is the same one. */
	joined(snapshot: Snapshot): Step {
		const sameHistory = snapshot.epoch === this.#base.epoch;
		const isSentAgain = this.#inflight?.isRefused === undefined;
		if (this.#inflight === undefined || !sameHistory || !isSentAgain)
			return inSequence(this.#adopt(snapshot, false), this.#resume());
		this.#fresh = snapshot;
		return this.#resume();
	}

	/** The server replaced our position by a snapshot; the answer to the inflight op is still to come. */
	reset(snapshot: Snapshot): Step {
		if (this.#inflight === undefined || snapshot.epoch !== this.#base.epoch)
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

	/** The committed text with the inflight op on top. */
	#sent(): DocumentContent {
		const { content } = this.#base;
		return this.#inflight ? applyOp(content, this.#inflight.op) : content;
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
		const sent = { opId: this.#newOpId(), revision: this.#base.rev, op };
		this.#inflight = { sent, op, edits: rest ? 0 : pending.edits };
		this.#pending = rest && { op: rest, edits: pending.edits };
		return { send: sent };
	}

	#committed(): Step {
		const inflight = this.#inflight;
		if (inflight === undefined) return NOTHING;
		const isAll = this.#pending === undefined;
		const content = isAll ? this.#local : undefined;
		this.#base.advance(inflight.op, undefined, content);
		this.#inflight = undefined;
		return this.#flush();
	}

	#rebase({ op, author }: Committed): Step {
		this.#base.advance(op, author);
		const [inflight, past] = cross(this.#inflight, op);
		const [pending, theirs] = cross(this.#pending, past);
		const isBehind = inflight !== undefined || pending !== undefined;
		this.#local = isBehind ? applyOp(this.#local, theirs) : this.#base.content;
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
		const base = hasInflight ? this.#sent() : this.#base.content;
		const mine = hasInflight ? this.#pending : joined(inflight, this.#pending);
		const between = difference(base, snapshot.content);
		const own = inflight && hasInflight ? [inflight.op.t] : [];
		const [moved, theirs] = cross(mine, between);
		const pending = unlessNoop(moved);
		this.#base.replace(snapshot, [...own, between.t]);
		this.#local = pending
			? applyOp(snapshot.content, pending.op)
			: snapshot.content;
		this.#inflight = undefined;
		this.#pending = pending;
		this.#fresh = undefined;
		return inSequence({ apply: theirs }, this.#flush());
	}
}
