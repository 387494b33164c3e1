import type { CommittedOp } from "../ot/committed-op.ts";
import { type OpMessage, opMessage } from "../protocol/document-message.ts";
import type { DocId, ReplicaId } from "../shared/ids.ts";

const NONE: readonly CommittedOp[] = [];

/** The newest ops of a document, contiguous from `since + 1` to `head`, with the messages that carry them. */
export class OpTail {
	readonly #docId: DocId;
	#since: number;
	/** Clock at `since`. */
	readonly #clock: Map<ReplicaId, number>;
	#ops: CommittedOp[] = [];
	#messages: (OpMessage | undefined)[] = [];
	#bytes = 0;

	constructor(
		docId: DocId,
		since: number,
		clock: ReadonlyMap<ReplicaId, number>,
	) {
		this.#docId = docId;
		this.#since = since;
		this.#clock = new Map(clock);
	}

	get since(): number {
		return this.#since;
	}

	get head(): number {
		return this.#since + this.#ops.length;
	}

	/** Memory that it holds, roughly. */
	get bytes(): number {
		return this.#bytes;
	}

	push(op: CommittedOp, message?: OpMessage): void {
		this.#bytes += sizeOf(op);
		this.#ops.push(op);
		this.#messages.push(message);
	}

	/** Puts older ops in front; they end at `since`. */
	prepend(older: readonly CommittedOp[]): void {
		for (const op of older) {
			this.#bytes += sizeOf(op);
			const { replicaId } = op;
			const count = (this.#clock.get(replicaId) ?? 0) - 1;
			if (count === 0) this.#clock.delete(replicaId);
			else this.#clock.set(replicaId, count);
		}
		this.#since -= older.length;
		this.#ops = [...older, ...this.#ops];
		this.#messages = [...older.map(() => undefined), ...this.#messages];
	}

	/** Ops with `rev > since` in order. */
	after(since: number): readonly CommittedOp[] {
		return since >= this.head ? NONE : this.#ops.slice(since - this.#since);
	}

	/** Messages of the ops with `since < rev <= upTo`; those not made yet are made now, once. */
	messages(since: number, upTo: number): readonly OpMessage[] {
		const from = since - this.#since;
		const to = upTo - this.#since;
		if (this.#messages.slice(from, to).includes(undefined))
			this.#make(from, to);
		return this.#messages.slice(from, to) as OpMessage[];
	}

	/** Clock at `rev`, which the tail must reach. */
	clockAt(rev: number): Map<ReplicaId, number> {
		const clock = new Map(this.#clock);
		for (const { replicaId } of this.#ops.slice(0, rev - this.#since))
			clock.set(replicaId, (clock.get(replicaId) ?? 0) + 1);
		return clock;
	}

	/** Forgets the oldest ops down to `keepOps` and `keepBytes`; none above `floor` goes. */
	trim(keepOps: number, keepBytes: number, floor: number): void {
		let keep = 0;
		for (let bytes = 0; keep < Math.min(keepOps, this.#ops.length); keep++) {
			bytes += sizeOf(this.#ops[this.#ops.length - 1 - keep]);
			if (bytes > keepBytes) break;
		}
		const drop = Math.min(this.#ops.length - keep, floor - this.#since);
		if (drop <= 0) return;
		for (const op of this.#ops.slice(0, drop)) {
			this.#bytes -= sizeOf(op);
			this.#clock.set(op.replicaId, (this.#clock.get(op.replicaId) ?? 0) + 1);
		}
		this.#ops = this.#ops.slice(drop);
		this.#messages = this.#messages.slice(drop);
		this.#since += drop;
	}

	#make(from: number, to: number): void {
		const clock = this.clockAt(this.#since + from);
		for (const [i, op] of this.#ops.slice(from, to).entries()) {
			clock.set(op.replicaId, (clock.get(op.replicaId) ?? 0) + 1);
			this.#messages[from + i] ??= opMessage(this.#docId, op, clock);
		}
	}
}

/** Bytes that an op and its message hold in memory, roughly. */
function sizeOf(op: CommittedOp | undefined): number {
	let bytes = 500;
	for (const c of op?.op.t ?? [])
		bytes += typeof c === "string" ? 16 + 4 * c.length : 16;
	for (const mark of op?.op.m ?? [])
		bytes += typeof mark === "number" ? 16 : 2 * JSON.stringify(mark).length;
	return bytes;
}
