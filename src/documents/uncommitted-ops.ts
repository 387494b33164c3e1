import { splitOpId } from "../shared/ids.ts";
import type { CommitGroup, Writer } from "./op-log.ts";
import type { Pending, Sequenced } from "./pending.ts";

/** The ops of one document that have their place and are not known to be on disk, in `rev` order. */
export class UncommittedOps {
	readonly #ops: { readonly op: Sequenced; readonly writer: Writer }[] = [];
	/** Has its place; its writer is being registered. */
	#unregistered: Sequenced | undefined;
	/** How many are in the transaction that runs. */
	#taken = 0;

	get isEmpty(): boolean {
		return this.#ops.length === 0 && this.#unregistered === undefined;
	}

	/** The next one waits for `register` when its writer has no keys yet. */
	push(op: Sequenced, writer: Writer | undefined): void {
		if (writer === undefined) this.#unregistered = op;
		else this.#ops.push({ op, writer });
	}

	/** The writer of the newest has been registered. */
	register(writer: Writer): void {
		if (this.#unregistered === undefined) return;
		this.#ops.push({ op: this.#unregistered, writer });
		this.#unregistered = undefined;
	}

	/** The next consecutive rows for the disk: about `limit`, because what belongs together is not cut; `alone`: one. */
	take(limit: number, alone: boolean): CommitGroup["rows"] {
		const end = alone ? 1 : this.#groupEnd(limit);
		const group = this.#ops.slice(0, end);
		this.#taken = group.length;
		return group.map(({ op: { committed }, writer }) => ({
			committed,
			writer,
			seq: splitOpId(committed.opId).seq,
		}));
	}

	/** Those taken last are on disk. */
	commit(): readonly Sequenced[] {
		const done = this.#ops.splice(0, this.#taken);
		this.#taken = 0;
		return done.map(({ op }) => op);
	}

	/** Those that may reach the disk, but for a lone row that the database did not take. */
	giveUp(outcome: "fenced" | "refused" | "unknown"): {
		readonly lost: readonly Pending[];
		readonly culprit?: Pending;
	} {
		const all = this.#ops.map(({ op }) => op);
		const [first, ...others] = all;
		return outcome === "refused" && this.#taken === 1 && first !== undefined
			? { lost: others, culprit: first }
			: { lost: all };
	}

	/** In `rev` order. */
	get all(): readonly Sequenced[] {
		const ops = this.#ops.map(({ op }) => op);
		return this.#unregistered === undefined
			? ops
			: [...ops, this.#unregistered];
	}

	/** The last cut within the limit that leaves what belongs together whole; failing that, the first one. */
	#groupEnd(limit: number): number {
		const last = Math.min(limit, this.#ops.length);
		for (let end = last; end > 0; end--)
			if (!this.#isContinued(end)) return end;
		let end = last;
		while (this.#isContinued(end) && end < this.#ops.length) end++;
		return end;
	}

	#isContinued(end: number): boolean {
		return this.#ops[end - 1]?.op.isContinued === true;
	}
}
