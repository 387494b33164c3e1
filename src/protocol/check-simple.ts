import { badAttributes, checkAttributes } from "../ot/check-marks.ts";
import type { Attributes } from "../ot/marks.ts";
import { checkContent } from "../ot/text-op.ts";
import type { Limits } from "../shared/limits.ts";
import { CollabError } from "./errors.ts";
import type { SimpleOperation } from "./submission.ts";

/** Fields that every type may carry; the last three say what the operation was made on, and are read elsewhere. */
const COMMON = ["type", "position", "vectorClock", "revision", "opId"];
const FIELDS: Readonly<Record<SimpleOperation["type"], ReadonlySet<string>>> = {
	insert: new Set([...COMMON, "content", "attributes"]),
	delete: new Set([...COMMON, "length"]),
	retain: new Set([...COMMON, "length", "attributes"]),
	format: new Set([...COMMON, "length", "attributes"]),
};

/**
 * Takes a value from the wire for a simple operation (without its clock, revision and op id). Throws
 * `VALIDATION_FAILED` for wrong types and fields that its type does not have, `OPERATION_INVALID` with reason `range`,
 * `content` or `attributes`, and `PAYLOAD_TOO_LARGE`. Whether it fits the text is for `fromSimple` and `fits` to say.
 */
export function checkSimple(value: unknown, limits: Limits): SimpleOperation {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw invalid("An operation is an object", "operation");
	const fields = value as Readonly<Record<string, unknown>>;
	const type = own(fields, "type");
	if (!isType(type)) throw invalid("Unknown type of operation", "type");
	for (const key of Object.keys(fields))
		if (!FIELDS[type].has(key))
			throw invalid(`An operation of type ${type} has no ${key}`, key);
	const position = checkPosition(own(fields, "position"));
	if (type === "insert") {
		const content = checkInsert(own(fields, "content"), limits);
		const attributes = formatOf(fields, limits);
		if (attributes !== undefined) refuseNulls(attributes);
		return { type, position, content, ...withAttributes(attributes) };
	}
	if (type === "delete") return { type, position, length: lengthOf(fields) };
	return checkRange(type, position, fields, limits);
}

/** A format, or a retain; a retain without attributes does nothing and may have any length. */
function checkRange(
	type: "format" | "retain",
	position: number,
	fields: Readonly<Record<string, unknown>>,
	limits: Limits,
): SimpleOperation {
	const attributes = formatOf(fields, limits);
	if (type === "format" && attributes === undefined)
		throw invalid("A format has attributes", "attributes");
	if (attributes !== undefined && Object.keys(attributes).length > 0)
		return { type, position, length: lengthOf(fields), attributes };
	if (type === "format") throw badAttributes("A format sets something");
	const length = own(fields, "length") ?? 0;
	return { type, position, length: checkPosition(length, "length") };
}

const isType = (type: unknown): type is SimpleOperation["type"] =>
	typeof type === "string" && Object.hasOwn(FIELDS, type);

const own = (
	fields: Readonly<Record<string, unknown>>,
	key: string,
): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

function checkPosition(value: unknown, field = "position"): number {
	if (!Number.isSafeInteger(value) || (value as number) < 0)
		throw invalid(`${field} is an integer of at least 0`, field);
	return value as number;
}

function lengthOf(fields: Readonly<Record<string, unknown>>): number {
	const length = own(fields, "length");
	if (typeof length !== "number") throw invalid("length is a number", "length");
	if (!Number.isSafeInteger(length) || length < 1)
		throw new CollabError(
			"OPERATION_INVALID",
			"length is an integer of at least 1",
			{ reason: "range" },
		);
	return length;
}

function checkInsert(content: unknown, limits: Limits): string {
	if (typeof content !== "string") throw invalid("content is text", "content");
	if (content === "")
		throw new CollabError("OPERATION_INVALID", "An insert has text", {
			reason: "content",
		});
	checkContent(content, limits.insertCodePoints, limits);
	return content;
}

const formatOf = (
	fields: Readonly<Record<string, unknown>>,
	limits: Limits,
): Attributes | undefined =>
	own(fields, "attributes") === undefined
		? undefined
		: checkAttributes(own(fields, "attributes"), limits);

function refuseNulls(attributes: Attributes): void {
	if (Object.values(attributes).includes(null))
		throw badAttributes("New text has nothing to remove");
}

const withAttributes = (
	attributes: Attributes | undefined,
): { readonly attributes?: Attributes } =>
	attributes === undefined || Object.keys(attributes).length === 0
		? {}
		: { attributes };

const invalid = (message: string, field: string): CollabError =>
	new CollabError("VALIDATION_FAILED", message, { field });
