const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Whether UTF-16 position `at` lies inside a character of two units. */
export const splitsPair = (text: string, at: number): boolean =>
	at > 0 && isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1));

/** Code points between two UTF-16 positions. */
export function countCodePoints(
	text: string,
	from = 0,
	to = text.length,
): number {
	let count = to - from;
	for (let at = from + 1; at < to; at++) if (splitsPair(text, at)) count--;
	return count;
}

/** Text as the product stores it from an editor: lines end at `\n`, no NUL, no half characters. */
export const cleanText = (text: string): string =>
	text.replace(/\r\n?/g, "\n").replaceAll("\0", "").toWellFormed();
