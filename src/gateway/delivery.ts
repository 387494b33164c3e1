import type { DocumentOp } from "../ot/document-op.ts";
import type { Mark } from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { OpHead, OpMessage } from "../protocol/document-message.ts";
import { wrapEvent } from "../protocol/envelope.ts";
import { toSimple } from "../protocol/simple-format.ts";
import type { SimpleOperation, Unit } from "../protocol/submission.ts";
import type { DocId } from "../shared/ids.ts";
import { textFrame } from "./frame.ts";

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
	#native: Buffer | undefined;
	#utf16: Buffer | undefined;
	#codepoint: Buffer | undefined;

	constructor(docId: DocId, message: OpMessage, live: boolean) {
		this.docId = docId;
		this.head = message.head;
		this.#body = message.body;
		this.live = live;
	}

	/** Frame for native sessions: the owner's bytes, not parsed. */
	nativeFrame(): Buffer {
		this.#native ??= textFrame(
			wrapEvent("operation:applied", this.#body, this.docId),
		);
		return this.#native;
	}

	/** One or more frames, back to back, for simple sessions of that unit. */
	simpleFrames(unit: Unit): Buffer {
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

	#encodeSimple(unit: Unit): Buffer {
		const { clock, rev } = this.head;
		const frames = this.#parts(unit).map(({ operation, ...numbers }) => {
			const data = {
				prdId: this.docId,
				operation,
				newVectorClock: clock,
				revision: rev,
				...numbers,
			};
			return textFrame(
				wrapEvent("operation:applied", JSON.stringify(data), this.docId),
			);
		});
		return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
	}
}
