import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

/** `[position, deleted, inserted]` in code points. */
export type Patch = readonly [number, number, string];

export interface Trace {
	readonly startContent: string;
	readonly endContent: string;
	readonly txns: readonly {
		readonly patches: readonly Patch[];
		/** Concurrent traces only: who, and the txns that he had seen. */
		readonly agent?: number;
		readonly parents?: readonly number[];
	}[];
}

/** A real editing history; see `test/data/README.md`. */
export function readTrace(
	name: "sveltecomponent" | "friendsforever" | "friendsforever_flat",
): Trace {
	const packed = readFileSync(
		new URL(`../data/${name}.json.br`, import.meta.url),
	);
	return JSON.parse(brotliDecompressSync(packed).toString("utf8"));
}

/** The patch as a native op. */
export function opOf([position, deleted, inserted]: Patch) {
	return [
		...(position > 0 ? [position] : []),
		...(inserted === "" ? [] : [inserted]),
		...(deleted > 0 ? [{ d: deleted }] : []),
	];
}
