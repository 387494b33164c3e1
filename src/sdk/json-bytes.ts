const encoder = new TextEncoder();

/** UTF-8 bytes of a text: what a frame is measured by. */
export const byteLength = (text: string): number => encoder.encode(text).length;

/** What the quotes around a text take. */
const QUOTES = 2;
const SHORT_ESCAPES = new Set('"\\\b\f\n\r\t');

/**
 * How much of the beginning of a text there is room for as JSON, quotes included; at least one character when that is
 * needed.
 */
export function jsonPrefix(
	text: string,
	room: { readonly codePoints: number; readonly bytes: number },
	isNeeded: boolean,
): {
	readonly units: number;
	readonly codePoints: number;
	readonly bytes: number;
} {
	let [units, codePoints, bytes] = [0, 0, QUOTES];
	for (const character of text) {
		const cost = jsonCost(character);
		const isOver = codePoints >= room.codePoints || bytes + cost > room.bytes;
		if (isOver && !(isNeeded && units === 0)) break;
		units += character.length;
		codePoints++;
		bytes += cost;
	}
	return { units, codePoints, bytes };
}

/** UTF-8 bytes of one character (well-formed) inside a JSON string. */
function jsonCost(character: string): number {
	const code = character.codePointAt(0) as number;
	if (SHORT_ESCAPES.has(character)) return 2;
	if (code < 0x20) return 6;
	if (code < 0x80) return 1;
	if (code < 0x800) return 2;
	return code < 0x10000 ? 3 : 4;
}
