import type { Row } from "./operator-commands.ts";

/** Rows as text with one column per key, in the order in which keys first come; a trailing line end. */
export function columns(rows: readonly Row[]): string {
	const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	if (keys.length === 0) return "nothing\n";
	const lines = [
		keys,
		...rows.map((row) => keys.map((key) => String(row[key] ?? ""))),
	];
	const widths = keys.map((_, i) =>
		Math.max(...lines.map((line) => (line[i] as string).length)),
	);
	return lines
		.map((line) =>
			line
				.map((cell, i) => cell.padEnd(widths[i] as number))
				.join("  ")
				.trimEnd(),
		)
		.map((line) => `${line}\n`)
		.join("");
}
