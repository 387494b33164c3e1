import { CollabError } from "../protocol/errors.ts";
import type { Limits } from "../shared/limits.ts";
import { type Attributes, type Mark, sameAttributes } from "./marks.ts";
import { badForm, checkCount, tooManyComponents } from "./text-op.ts";

const KEY = /^[a-z][A-Za-z0-9_-]{0,31}$/;
/** Names that reach an object's prototype: malformed wherever they stand. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set([
	"__proto__",
	"constructor",
	"prototype",
]);
/** A link that runs script in a reader's browser must not get in. */
const LINK = /^(?:https?|mailto):/i;

/**
 * Takes a value from the wire for marks, or throws: `OPERATION_INVALID` with reason `form` (not canonical),
 * `attributes` or `components`, `VALIDATION_FAILED` for unknown keys.
 */
export function checkMarks(value: unknown, limits: Limits): readonly Mark[] {
	if (!Array.isArray(value)) throw badForm("Marks are a list");
	if (value.length > limits.components)
		throw tooManyComponents(limits.components);
	const marks: readonly unknown[] = value;
	let previous: Mark | undefined;
	for (const mark of marks) {
		checkMark(mark, limits);
		if (previous !== undefined && sameKind(previous, mark))
			throw badForm("Neighbours of one kind are one mark");
		previous = mark;
	}
	if (typeof previous === "number")
		throw badForm("A skip at the end says nothing");
	return value as readonly Mark[];
}

function checkMark(mark: unknown, limits: Limits): asserts mark is Mark {
	if (typeof mark === "number") return checkCount(mark);
	if (
		typeof mark !== "object" ||
		mark === null ||
		!Object.hasOwn(mark, "n") ||
		!Object.hasOwn(mark, "a")
	)
		throw badForm("A mark is n or {n, a}");
	if (Object.keys(mark).length !== 2)
		throw new CollabError(
			"VALIDATION_FAILED",
			"A mark in marks has the keys n and a only",
			{ field: "marks" },
		);
	const { n, a } = mark as { n: unknown; a: unknown };
	checkCount(n);
	if (Object.keys(checkAttributes(a, limits)).length === 0)
		throw badAttributes("A mark sets at least one attribute");
}

const sameKind = (a: Mark, b: Mark): boolean =>
	typeof a === "number" || typeof b === "number"
		? typeof a === typeof b
		: sameAttributes(a.a, b.a);

/** Takes a value from the wire for attributes, or throws `OPERATION_INVALID {reason:'attributes'}`. */
export function checkAttributes(value: unknown, limits: Limits): Attributes {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw badAttributes("Attributes are an object");
	const entries = Object.entries(value);
	if (entries.length > limits.attributes)
		throw badAttributes("Too many attributes", { max: limits.attributes });
	for (const [key, setting] of entries) checkAttribute(key, setting, limits);
	return value as Attributes;
}

function checkAttribute(key: string, value: unknown, limits: Limits): void {
	if (PROTOTYPE_KEYS.has(key))
		throw new CollabError("VALIDATION_FAILED", "This key is not allowed");
	if (!KEY.test(key) || key in Object.prototype)
		throw badAttributes("This is no name of an attribute");
	if (!isScalar(value, limits.attributeChars))
		throw badAttributes(
			"A value is a short text, a finite number, a boolean or null",
			{ key, max: limits.attributeChars },
		);
	if (key === "link" && value !== null && !isLink(value))
		throw badAttributes("A link begins with http:, https: or mailto:", { key });
}

function isScalar(value: unknown, maxChars: number): boolean {
	if (typeof value === "string")
		return (
			value.length <= maxChars && value.isWellFormed() && !value.includes("\0")
		);
	// JSON has no way to keep -0: every reader would see another value than its author.
	if (Object.is(value, -0)) return false;
	return value === null || typeof value === "boolean" || Number.isFinite(value);
}

const isLink = (value: unknown): boolean =>
	typeof value === "string" && LINK.test(value);

export const badAttributes = (
	message: string,
	data: Readonly<Record<string, unknown>> = {},
): CollabError =>
	new CollabError("OPERATION_INVALID", message, {
		reason: "attributes",
		...data,
	});
