import { codePointLength, offsetAfter } from "../ot/code-points.ts";
import type { DocumentOp } from "../ot/document-op.ts";
import type { Mark } from "../ot/marks.ts";
import type { TextComponent, TextOp } from "../ot/text-op.ts";

/** How large one op on the wire may be. */
export interface OpBounds {
	/** Code points that it may insert in all. */
	readonly insertCodePoints: number;
	/** Components of its text half, and of its marks. */
	readonly components: number;
}

/**
 * Cuts a long op (hours offline, a large paste) into a first part that fits the bounds and the rest, so that first
 * and rest in sequence do what the op does. The rest is undefined when the op fits.
 */
export function splitOp(
	op: DocumentOp,
	bounds: OpBounds,
): readonly [first: DocumentOp, rest: DocumentOp | undefined] {
	const cut = cutText(op.t, bounds);
	// Marks count in the text after the whole op, so they can only go with its last part.
	if (cut !== undefined)
		return [
			{ t: cut.first, m: [] },
			{ t: cut.rest, m: op.m },
		];
	if (op.m.length <= bounds.components) return [op, undefined];
	const first = op.m.slice(0, bounds.components);
	const done = first.reduce<number>((sum, mark) => sum + sizeOf(mark), 0);
	const rest = { t: [], m: joinSkips(done, op.m.slice(bounds.components)) };
	return [{ t: op.t, m: trimSkip(first) }, rest];
}

function cutText(
	op: TextOp,
	bounds: OpBounds,
): { readonly first: TextOp; readonly rest: TextOp } | undefined {
	const first: TextComponent[] = [];
	let left = bounds.insertCodePoints;
	/** Length of what the first part leaves behind it: the rest skips that. */
	let done = 0;
	for (const [at, part] of op.entries()) {
		const size = typeof part === "string" ? codePointLength(part) : 0;
		if (size > left || first.length === bounds.components) {
			const end = typeof part === "string" ? offsetAfter(part, 0, left) : 0;
			const full = first.length === bounds.components || end === 0;
			if (!full && typeof part === "string") first.push(part.slice(0, end));
			const over =
				full || typeof part !== "string"
					? op.slice(at)
					: [part.slice(end), ...op.slice(at + 1)];
			return {
				first: trimSkip(first),
				rest: joinSkips(full ? done : done + left, over),
			};
		}
		first.push(part);
		left -= size;
		done += typeof part === "number" ? part : size;
	}
	return undefined;
}

const sizeOf = (mark: Mark): number =>
	typeof mark === "number" ? mark : mark.n;

function trimSkip<Part>(parts: readonly (Part | number)[]): (Part | number)[] {
	return typeof parts.at(-1) === "number" ? parts.slice(0, -1) : [...parts];
}

function joinSkips<Part>(
	skip: number,
	parts: readonly (Part | number)[],
): (Part | number)[] {
	const [head, ...tail] = parts;
	if (typeof head === "number") return [skip + head, ...tail];
	return skip === 0 ? [...parts] : [skip, ...parts];
}
