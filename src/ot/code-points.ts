const ASTRAL = /[\ud800-\udfff]/;

/** Whether a well-formed text has characters above U+FFFF, which take two UTF-16 units. */
export const hasAstral = (text: string): boolean => ASTRAL.test(text);

const isHighSurrogate = (unit: number): boolean =>
	unit >= 0xd800 && unit <= 0xdbff;

/** Code points of a well-formed text. */
export function codePointLength(text: string): number {
	let pairs = 0;
	for (let unit = 0; unit < text.length; unit++)
		if (isHighSurrogate(text.charCodeAt(unit))) pairs++;
	return text.length - pairs;
}

/** UTF-16 offset that lies `count` code points behind the offset `from`; at most the text's end. */
export function offsetAfter(text: string, from: number, count: number): number {
	let offset = from;
	for (let left = count; left > 0 && offset < text.length; left--)
		offset += isHighSurrogate(text.charCodeAt(offset)) ? 2 : 1;
	return offset;
}
