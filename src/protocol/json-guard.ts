import { CollabError } from "./errors.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const OPEN_BRACKET = 91;
const CLOSE_BRACE = 125;
const CLOSE_BRACKET = 93;
const COLON = 58;

/** More keys than any legal frame has; a clock of this many replicas is the largest thing that comes near. */
const MAX_KEYS = 4_096;

const refuse = (reason: string): CollabError =>
	new CollabError("VALIDATION_FAILED", `JSON refused: ${reason}`, { reason });

/** Index behind the string that starts at `quote`. */
function skipString(text: string, quote: number): number {
	for (let i = quote + 1; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c === BACKSLASH) i++;
		else if (c === QUOTE) return i;
	}
	return text.length;
}

/**
 * Counts brackets and keys outside strings before anything parses the text: deep nesting makes later recursion throw,
 * and many keys make `JSON.parse` slow. Throws `VALIDATION_FAILED {reason: 'depth' | 'keys'}`.
 */
export function checkDepth(text: string, maxDepth: number): void {
	let depth = 0;
	let keys = 0;
	for (let i = 0; i < text.length; i++) {
		switch (text.charCodeAt(i)) {
			case QUOTE:
				i = skipString(text, i);
				break;
			case OPEN_BRACE:
			case OPEN_BRACKET:
				if (++depth > maxDepth) throw refuse("depth");
				break;
			case CLOSE_BRACE:
			case CLOSE_BRACKET:
				depth--;
				break;
			case COLON:
				if (++keys > MAX_KEYS) throw refuse("keys");
		}
	}
}

const FORBIDDEN = ["__proto__", "constructor", "prototype"] as const;

/** Refuses the keys that reach a prototype, at every level. `text` is what `value` was parsed from. */
export function checkKeys(value: unknown, text: string): void {
	// Most frames hold neither word nor an escape that could hide one: no walk then.
	if (text.includes("\\u") || FORBIDDEN.some((word) => text.includes(word)))
		walk(value);
}

function walk(value: unknown): void {
	if (typeof value !== "object" || value === null) return;
	for (const word of FORBIDDEN)
		if (Object.hasOwn(value, word)) throw refuse("key");
	for (const inner of Object.values(value)) walk(inner);
}
