import type { DocumentContent, DocumentOp } from "../../src/ot/document-op.ts";
import type { Attributes } from "../../src/ot/marks.ts";
import type { PersonLink } from "./sim-link.ts";
import type { SimRandom } from "./sim-random.ts";

/** Somebody in the simulation. */
export interface SimPerson {
	readonly name: string;
	readonly userId: string;
	readonly link: PersonLink | undefined;
	readonly content: DocumentContent;
	readonly rev: number;
	/** Formatting is known as well as text. */
	readonly knowsRuns: boolean;
	/** Nothing of its own waits, and it is in the document. */
	readonly isSettled: boolean;
	readonly canEdit: boolean;
	/** Why it will never come back, if so. */
	readonly end: string | undefined;
	edit(op: DocumentOp): void;
	/** Does what is next on the way into the document, when something is. */
	connect(): void;
	readonly canConnect: boolean;
}

const FIRST_EMOJI = 0x1f300;
const FIRST_ASTRAL = 0x20000;
const FIRST_CJK = 0x4e00;

/** Makes edits; no character is ever typed twice. */
export class SimTypist {
	readonly #random: SimRandom;
	readonly #emoji: number;
	#typed = 0;

	constructor(random: SimRandom, emoji: number) {
		this.#random = random;
		this.#emoji = emoji;
	}

	/** An op that does something to a text of this length. */
	op(length: number, caret: number, isCompound: boolean): DocumentOp {
		const random = this.#random;
		const place = random.chance(0.6)
			? Math.min(caret, length)
			: random.below(length + 1);
		const kind = random.weighted([
			[length > 60 ? 3 : 6, "insert"],
			[length === 0 ? 0 : length > 60 ? 6 : 2.5, "delete"],
			[length === 0 ? 0 : 1.5, "format"],
			[isCompound && length > 2 ? 3 : 0, "compound"],
		] as const);
		if (kind === "insert") return this.#insert(place);
		if (kind === "compound") return this.#compound(length);
		const start = Math.min(place, length - 1);
		const n = 1 + random.below(Math.min(5, length - start));
		const skip = start === 0 ? [] : [start];
		if (kind === "delete") return { t: [...skip, { d: n }], m: [] };
		return { t: [], m: [...skip, { n, a: this.#attributes(true) }] };
	}

	#insert(place: number): DocumentOp {
		const skip = place === 0 ? [] : [place];
		const n = 1 + this.#random.below(3);
		const t = [...skip, this.#text(n)];
		if (!this.#random.chance(0.15)) return { t, m: [] };
		return { t, m: [...skip, { n, a: this.#attributes(false) }] };
	}

	/** Replaces something, and inserts elsewhere. */
	#compound(length: number): DocumentOp {
		const random = this.#random;
		const start = random.below(length - 1);
		const skip = start === 0 ? [] : [start];
		const left = length - start - 1;
		const gap = random.below(left);
		const replace = random.chance(0.5)
			? [{ d: 1 }, this.#text(1)]
			: [this.#text(1), { d: 1 }];
		const rest = gap === 0 ? [] : [gap, this.#text(1)];
		return { t: [...skip, ...replace, ...rest], m: [] };
	}

	#text(n: number): string {
		let text = "";
		for (let i = 0; i < n; i++) {
			const at = this.#typed++;
			const isEmoji = this.#random.chance(this.#emoji);
			const first = isEmoji
				? at < 700
					? FIRST_EMOJI
					: FIRST_ASTRAL
				: FIRST_CJK;
			text += String.fromCodePoint(first + at);
		}
		return text;
	}

	#attributes(withNull: boolean): Attributes {
		const { chance, pick } = {
			chance: (p: number) => this.#random.chance(p),
			pick: <T>(items: readonly T[]) => this.#random.pick(items),
		};
		if (chance(0.5))
			return { bold: pick(withNull ? [true, null] : [true, false]) };
		return { color: pick(["red", "blue", "green"]) };
	}
}
