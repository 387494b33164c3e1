import { codePointLength, offsetAfter } from "../ot/code-points.ts";
import { applyText, type TextComponent, type TextOp } from "../ot/text-op.ts";
import { movePlace, type Place } from "./place.ts";

interface RecentOp {
	/** Of the text after the op. */
	readonly rev: number;
	readonly op: TextOp;
	readonly undo: TextOp;
	/** Session that made it; undefined: this one. */
	readonly author: string | undefined;
}

/** Further behind than this a place in an earlier text is not found any more. */
const KEPT = 128;

/** The last committed ops: they lead from a place in an earlier text to the same place in the present one. */
export class RecentOps {
	#ops: RecentOp[] = [];

	/** @param before the text that the op changed */
	add(
		rev: number,
		op: TextOp,
		before: string,
		author: string | undefined,
	): void {
		this.#ops.push({ rev, op, undo: undoOf(op, before), author });
		if (this.#ops.length > 2 * KEPT) this.#ops = this.#ops.slice(-KEPT);
	}

	/** There is no way any more from earlier texts to the present one. */
	clear(): void {
		this.#ops = [];
	}

	/**
	 * Where a place is now that was found in the text at `rev`; undefined when that text is not known (any more, or yet).
	 *
	 * @param find looks for it there
	 * @param author whose place it is, as in `movePlace`
	 */
	locate(
		rev: number,
		now: { readonly rev: number; readonly text: string },
		find: (text: string) => Place,
		author: string,
	): Place | undefined {
		const ops = this.#ops.slice(this.#ops.length - (now.rev - rev));
		if (rev > now.rev || ops.length !== now.rev - rev) return undefined;
		const text = ops.reduceRight((after, { undo }) => {
			return applyText(after, undo);
		}, now.text);
		return ops.reduce(
			(place, { op, author: by }) => movePlace(place, op, by === author),
			find(text),
		);
	}
}

/** The op that turns the text after into the text before. */
function undoOf(op: TextOp, before: string): TextOp {
	const undo: TextComponent[] = [];
	/** UTF-16 offset in `before`, followed only as long as a delete is to come. */
	let offset = 0;
	let deletes = op.filter((part) => typeof part === "object").length;
	for (const part of op) {
		if (typeof part === "string") undo.push({ d: codePointLength(part) });
		else {
			const count = typeof part === "number" ? part : part.d;
			const end = deletes > 0 ? offsetAfter(before, offset, count) : offset;
			if (typeof part === "number") undo.push(part);
			else {
				undo.push(before.slice(offset, end));
				deletes--;
			}
			offset = end;
		}
	}
	return undo;
}
