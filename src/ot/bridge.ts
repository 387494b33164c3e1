import { CollabError } from "../protocol/errors.ts";
import { type DocumentOp, transform } from "./document-op.ts";
import { netLength } from "./text-op.ts";
import { carryBack, shift } from "./unicode.ts";

/** An op on the way from an author's context to head; a `CommittedOp` is one. */
export interface PathOp {
	readonly rev: number;
	readonly op: DocumentOp;
	/** Positions, before the op, of the astral characters that it deletes. */
	readonly astral?: { readonly d: readonly number[] };
}
export type Path = readonly PathOp[];

/** Foreign ops kept for one author who sends without waiting; over it he must resync. */
export const BRIDGE_OPS = 2_000;

const NOTHING: Path = Object.freeze([]);

/**
 * The way from one session's context to head. The context is prefix(baseRev) and all own ops sent so far; foreign ops
 * that were committed between the two are kept here, moved into that context. Own ops beyond the base are asked for
 * only by an author with several in flight: until then the last step is remembered and not computed.
 */
export class Bridge {
	#baseRev = 0;
	#lastOwnRev = 0;
	/** Foreign ops in (baseRev, lastOwnRev], in the context that the last own op left; undefined: too many. */
	#kept: Path | undefined = NOTHING;
	/** The newest op of that path, kept or not. */
	#newestRev = 0;
	/** The own op that `#kept` must still be moved over. */
	#unmoved: DocumentOp | undefined;

	/** The base of the last own op: the author has seen every foreign op up to it. */
	get baseRev(): number {
		return this.#baseRev;
	}

	/**
	 * Foreign ops that lead from the author's present context to head, in order.
	 *
	 * @param baseRev the revision that the author has seen
	 * @param tail the document's committed ops with `rev > since`, in order, up to head
	 * @throws `OPERATION_INVALID {reason:'base_regression'}` when he had seen more before, `RESYNC_REQUIRED` when more
	 *   than `BRIDGE_OPS` foreign ops would have to be kept
	 */
	path(baseRev: number, tail: (since: number) => Path): Path {
		if (baseRev < this.#baseRev)
			throw new CollabError(
				"OPERATION_INVALID",
				"An earlier edit was made on a newer revision",
				{ reason: "base_regression", baseRev: this.#baseRev },
			);
		if (baseRev >= this.#lastOwnRev) return tail(baseRev);
		const unseen = this.#unseen(baseRev);
		const newer = tail(this.#lastOwnRev);
		if (unseen.length === 0) return newer;
		return newer.length === 0 ? unseen : [...unseen, ...newer];
	}

	/** The author's op took its place at `rev`; `path` is what `path(baseRev)` gave for it. */
	advance(
		baseRev: number,
		path: Path,
		submitted: DocumentOp,
		rev: number,
	): void {
		this.#baseRev = baseRev;
		this.#lastOwnRev = rev;
		this.#newestRev = path.at(-1)?.rev ?? 0;
		this.#kept = path.length > BRIDGE_OPS ? undefined : path;
		this.#unmoved = path.length === 0 ? undefined : submitted;
	}

	#unseen(baseRev: number): Path {
		if (this.#newestRev <= baseRev) return NOTHING;
		if (this.#kept === undefined)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"Too far behind to send without waiting",
				{ reason: "bridge", max: BRIDGE_OPS },
			);
		if (this.#unmoved !== undefined) {
			this.#kept = movePath(this.#kept, this.#unmoved);
			this.#unmoved = undefined;
		}
		return this.#kept.filter((x) => x.rev > baseRev);
	}
}

/** The path as it leads on from the context with `own` in it. */
function movePath(path: Path, own: DocumentOp): Path {
	let passing = own;
	return path.map((x) => {
		const before = passing;
		passing = transform(passing, x.op, "left");
		const op = transform(x.op, before, "right");
		if (x.astral === undefined || x.astral.d.length === 0)
			return { rev: x.rev, op };
		return { rev: x.rev, op, astral: { d: shift(x.astral.d, before.t) } };
	});
}

/** The op as it must be applied behind the path: the author is the later one in every pair. */
export const rebase = (op: DocumentOp, path: Path): DocumentOp =>
	path.reduce((moved, x) => transform(moved, x.op, "left"), op);

/** Length of the text that the path leads from, in code points. */
export const contextLength = (headLength: number, path: Path): number =>
	path.reduce((length, x) => length - netLength(x.op.t), headLength);

/** Astral positions of the text that the path leads from. */
export const contextAstral = (
	headAstral: readonly number[],
	path: Path,
): readonly number[] =>
	path.reduceRight(
		(astral, x) => carryBack(astral, x.op.t, x.astral?.d),
		headAstral,
	);
