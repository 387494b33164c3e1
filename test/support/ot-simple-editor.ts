import type { SimpleOperation } from "../../src/protocol/submission.ts";
import { type Cell, withSettings } from "./ot-list-oracle.ts";

/** What a client's editor holds: UTF-16 units, each with its formatting. */
export interface EditorUnit {
	readonly unit: string;
	readonly attributes: Cell["attributes"];
}

export const editorOf = (cells: readonly Cell[]): readonly EditorUnit[] =>
	cells.flatMap(({ char, attributes }) =>
		char.split("").map((unit) => ({ unit, attributes })),
	);

/** Does to an editor what a simple operation says, by plain splicing. */
export function applySimple(
	editor: readonly EditorUnit[],
	{
		type,
		position,
		length = 0,
		content = "",
		attributes = {},
	}: SimpleOperation,
): readonly EditorUnit[] {
	const out = [...editor];
	if (position + length > out.length) throw new RangeError("past the end");
	if (type === "insert") {
		const fresh = withSettings(new Map(), attributes);
		const units = content.split("");
		out.splice(
			position,
			0,
			...units.map((unit) => ({ unit, attributes: fresh })),
		);
	} else if (type === "delete") out.splice(position, length);
	else
		for (let i = position; i < position + length; i++) {
			const old = out[i] as EditorUnit;
			out[i] = { ...old, attributes: withSettings(old.attributes, attributes) };
		}
	return out;
}
