import type { DocumentOp } from "../../src/ot/document-op.ts";
import type { SimpleOperation, Unit } from "../../src/protocol/submission.ts";
import type { LinkEnd, PersonLink } from "./sim-link.ts";
import { type FormattedRange, writeSimple } from "./sim-text.ts";

export const SIM_DOC = "doc-1";

/** How a bare client speaks. */
export interface BareStyle {
	/** How it says what an edit was made on, and in which form. */
	readonly base: "clock" | "revision" | "both" | "flat" | "native";
	readonly unit: Unit;
	/** Edits it sends without waiting for an answer. */
	readonly window: number;
	/** `count`: the server's clock and own edits on top; `merge`: pointwise maximum. */
	readonly counting: "count" | "merge";
	/** Names itself and its ops, and recovers; otherwise it forgets what was not acknowledged and starts anew. */
	readonly recovers: boolean;
	/** Asks for replies; otherwise it hears of its ops by `operation:ack`. */
	readonly withIds: boolean;
}

export type Clock = Readonly<Record<string, number>>;
export interface BareEdit {
	/** In the text with everything before it. */
	op: DocumentOp;
	opId: string | undefined;
	/** As it was sent; undefined: not sent in this form yet. */
	data: object | undefined;
	isRefused: boolean;
}
export interface BareEvent {
	readonly revision: number;
	readonly opId?: string;
	readonly vectorClock?: Clock;
	readonly newVectorClock?: Clock;
	readonly clock?: Clock;
	readonly clockCorrected?: true;
	readonly operation?: SimpleOperation;
	readonly operations?: readonly SimpleOperation[];
	readonly op?: DocumentOp["t"];
	readonly marks?: DocumentOp["m"];
}
export interface BareJoined {
	readonly revision: number;
	readonly epoch: string;
	readonly replicaId: string;
	readonly sessionId: string;
	readonly vectorClock: Clock;
	readonly currentContent?: string;
	readonly attributes?: readonly FormattedRange[];
	readonly missedOperations?: readonly (BareEvent & SimpleOperation)[];
}
export interface BareHost {
	readonly docId: string;
	dial(userId: string, end: LinkEnd): PersonLink;
	shown(text: string): void;
	fault(text: string): void;
	/** An edit that was not acknowledged goes out anew under another op id. */
	remade(opId: string): void;
	/** An edit as its author saw the document: revision, and own edits in flight. */
	declared(opId: string, rev: number, own: readonly string[]): void;
}

/** An edit as its style puts it; `text` is what it was made on, `clock` counts it. */
export function editData(
	{ base, unit }: BareStyle,
	{ op, opId }: BareEdit,
	made: {
		readonly docId: string;
		readonly text: string;
		readonly rev: number;
		readonly clock: Clock;
	},
): object {
	const named = opId === undefined ? {} : { opId };
	const { docId: prdId, rev: revision } = made;
	if (base === "native") {
		const marks = op.m.length === 0 ? {} : { marks: op.m };
		const operation = { op: op.t, ...marks, revision, ...named };
		return { prdId, operation };
	}
	const simple = writeSimple(op, made.text, unit);
	if (base === "flat" && simple.type !== "format" && !simple.attributes)
		return { prdId, ...flat(simple), version: revision, ...named };
	const vectorClock = { ...made.clock };
	const says =
		base === "clock"
			? { vectorClock }
			: base === "both"
				? { vectorClock, revision }
				: { revision };
	return { prdId, operation: { ...simple, ...says, ...named } };
}

const flat = ({
	type,
	position,
	content,
	length,
}: SimpleOperation): object => ({
	operation: type,
	position,
	...(content === undefined ? {} : { text: content }),
	...(length === undefined ? {} : { length }),
});

/** How a client counts: what it has heard, and its own edits under the replica that it was told. */
export class BareClock {
	readonly #counting: BareStyle["counting"];
	#replicaId = "";
	#clock: Record<string, number> = {};

	constructor(counting: BareStyle["counting"]) {
		this.#counting = counting;
	}

	get now(): Clock {
		return this.#clock;
	}

	joined({ vectorClock, replicaId }: BareJoined): void {
		this.#clock = { ...vectorClock };
		this.#replicaId = replicaId;
	}

	count(): void {
		const clock = this.#clock;
		clock[this.#replicaId] = (clock[this.#replicaId] ?? 0) + 1;
	}

	/** @param pending own edits that are not acknowledged */
	hear(heard: Clock, pending: number, isCorrection = false): void {
		if (this.#counting === "count" || isCorrection) {
			this.#clock = { ...heard };
			for (let i = 0; i < pending; i++) this.count();
			return;
		}
		for (const [replica, count] of Object.entries(heard))
			this.#clock[replica] = Math.max(count, this.#clock[replica] ?? 0);
	}
}
