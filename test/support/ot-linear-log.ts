import {
	Bridge,
	contextAstral,
	contextLength,
	rebase,
} from "../../src/ot/bridge.ts";
import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	fits,
	transform,
} from "../../src/ot/document-op.ts";
import {
	type AstralNote,
	astralPositions,
	carry,
	noteOf,
} from "../../src/ot/unicode.ts";
import { applyToCells, type Cell, cellsOf } from "./ot-list-oracle.ts";

/** A committed op, who made it, and the names of the cells that it inserts. */
export interface LogOp {
	readonly rev: number;
	readonly op: DocumentOp;
	readonly astral?: AstralNote;
	readonly author: number;
	readonly names: string;
}

/** An op on its way to the log, with all that its author saw when he made it. */
export interface SentOp {
	readonly author: number;
	readonly baseRev: number;
	readonly op: DocumentOp;
	readonly names: string;
	readonly text: string;
	readonly before: readonly Cell[];
	readonly after: readonly Cell[];
}

/** What the log's owner worked out for one sent op. */
export interface Accepted {
	readonly committed: LogOp;
	readonly contextLength: number;
	readonly contextAstral: readonly number[];
	readonly textBefore: string;
	readonly before: readonly Cell[];
}

/** Applies its own ops at once, sends any number without waiting, and moves what it hears past them. */
export class LogClient {
	readonly number: number;
	content: DocumentContent;
	cells: readonly Cell[];
	rev = 0;
	/** Made and not yet heard of. */
	readonly pending: DocumentOp[] = [];
	/** Made and not yet at the log. */
	readonly sent: SentOp[] = [];
	#made = 0;

	constructor(number: number, content: DocumentContent) {
		this.number = number;
		this.content = content;
		this.cells = cellsOf(content, "start");
	}

	make(op: DocumentOp): void {
		const before = this.cells;
		const names = `client${this.number}.${this.#made++}.`;
		const { text } = this.content;
		this.#apply(op, names);
		this.pending.push(op);
		this.sent.push({
			author: this.number,
			baseRev: this.rev,
			op,
			names,
			text,
			before,
			after: this.cells,
		});
	}

	hear({ rev, op, author, names }: LogOp): void {
		this.rev = rev;
		if (author === this.number) {
			this.pending.shift();
			return;
		}
		let remote = op;
		this.pending.forEach((mine, i) => {
			this.pending[i] = transform(mine, remote, "left");
			remote = transform(remote, mine, "right");
		});
		this.#apply(remote, names);
	}

	#apply(op: DocumentOp, names: string): void {
		this.content = applyOp(this.content, op);
		this.cells = applyToCells(this.cells, op, names);
	}
}

/** The owner of the log: one bridge per client, and a text that only the checks look at. */
export class LinearLog {
	readonly ops: LogOp[] = [];
	content: DocumentContent;
	cells: readonly Cell[];
	#length: number;
	#astral: readonly number[];
	readonly #bridges = new Map<number, Bridge>();

	constructor(content: DocumentContent) {
		this.content = content;
		this.cells = cellsOf(content, "start");
		this.#length = this.cells.length;
		this.#astral = astralPositions(content.text);
	}

	accept(sent: SentOp): Accepted {
		const bridge = this.#bridges.get(sent.author) ?? new Bridge();
		this.#bridges.set(sent.author, bridge);
		const path = bridge.path(sent.baseRev, (since) => this.ops.slice(since));
		const length = contextLength(this.#length, path);
		const astral = contextAstral(this.#astral, path);
		fits(sent.op, length);
		const op = rebase(sent.op, path);
		const committed = this.#append(sent, op);
		bridge.advance(sent.baseRev, path, sent.op, committed.rev);
		return {
			committed,
			contextLength: length,
			contextAstral: astral,
			...this.#advance(committed),
		};
	}

	#append({ author, names }: SentOp, op: DocumentOp): LogOp {
		const astral = noteOf(op, this.#astral, carry(this.#astral, op.t));
		const rev = this.ops.length + 1;
		const note = astral === undefined ? {} : { astral };
		const committed = { rev, op, author, names, ...note };
		this.ops.push(committed);
		return committed;
	}

	#advance({ op, names }: LogOp): Pick<Accepted, "textBefore" | "before"> {
		const { content, cells } = this;
		this.content = applyOp(content, op);
		this.cells = applyToCells(cells, op, names);
		this.#astral = carry(this.#astral, op.t);
		this.#length = this.cells.length;
		return { textBefore: content.text, before: cells };
	}
}
