import type { DocumentOp } from "../ot/document-op.ts";
import type { Mark } from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { OpHead, OpMessage } from "../protocol/document-message.ts";
import { toSimple } from "../protocol/simple-format.ts";
import type { SimpleOperation, Unit } from "../protocol/submission.ts";
import type { DocId } from "../shared/ids.ts";
import { EventMessage, type Message } from "./message.ts";

/** A part of a committed op as simple sessions see it. */
interface AppliedPart {
	readonly operation: Readonly<Record<string, unknown>>;
	readonly part?: number;
	readonly parts?: number;
}

/** One committed op on its way to a gateway's members; every form of it is made once, when first asked for. */
export class Delivery {
	readonly docId: DocId;
	readonly head: OpHead;
	/** From the channel; false: read from the log, which does not know whether the op was changed on its way. */
	readonly live: boolean;
	readonly #body: string;
	#native: Message | undefined;
	#utf16: Message | undefined;
	#codepoint: Message | undefined;

	constructor(docId: DocId, message: OpMessage, live: boolean) {
		this.docId = docId;
		this.head = message.head;
		this.#body = message.body;
		this.live = live;
	}

	/** Characters of the op as it came. */
	get size(): number {
		return this.#body.length;
	}

	/** For native sessions: the owner's text, not parsed. */
	native(): Message {
		this.#native ??= this.#applied([this.#body]);
		return this.#native;
	}

	/** For simple sessions of that unit: one event, or several in a row. */
	simple(unit: Unit): Message {
		if (unit === "codepoint") {
			this.#codepoint ??= this.#encodeSimple(unit);
			return this.#codepoint;
		}
		this.#utf16 ??= this.#encodeSimple(unit);
		return this.#utf16;
	}

	/** What the op does, in simple form, each part in the text after those before it. */
	operations(unit: Unit): readonly SimpleOperation[] {
		const { op, marks = [] } = JSON.parse(this.#body) as {
			op: TextOp;
			marks?: readonly Mark[];
		};
		const documentOp: DocumentOp = { t: op, m: marks };
		return toSimple(documentOp, this.head.astral, unit);
	}

	/** The native event as it stands, for a native catch-up. */
	nativeJson(): string {
		return this.#body;
	}

	/** Items of a simple catch-up (`missedOperations`). */
	missed(unit: Unit): readonly Readonly<Record<string, unknown>>[] {
		const { rev, opId } = this.head;
		return this.#parts(unit).map(({ operation, ...numbers }) => ({
			...operation,
			revision: rev,
			opId,
			...numbers,
		}));
	}

	#parts(unit: Unit): readonly AppliedPart[] {
		const { userId, sessionId, clock } = this.head;
		const operations = this.operations(unit);
		const parts = operations.length;
		return operations.map((operation, index) => ({
			operation: { userId, sessionId, ...operation, vectorClock: clock },
			...(parts === 1 ? {} : { part: index + 1, parts }),
		}));
	}

	#encodeSimple(unit: Unit): Message {
		const { clock, rev } = this.head;
		const parts = this.#parts(unit).map(({ operation, ...numbers }) =>
			JSON.stringify({
				prdId: this.docId,
				operation,
				newVectorClock: clock,
				revision: rev,
				...numbers,
			}),
		);
		return this.#applied(parts);
	}

	#applied(parts: readonly string[]): Message {
		return new EventMessage("operation:applied", parts, this.docId);
	}
}
