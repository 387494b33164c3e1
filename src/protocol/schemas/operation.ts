import type { Attributes, Mark } from "../../ot/marks.ts";
import type { TextOp } from "../../ot/text-op.ts";
import {
	clock,
	count,
	docId,
	opId,
	optional,
	sessionId,
	userId,
} from "./common.ts";
import { typed } from "./infer.ts";

const lax = { $$strict: "remove" } as const;
const kind = {
	type: "enum",
	values: ["insert", "delete", "retain", "format"],
} as const;
const attributes = typed<Attributes>({ type: "any" });
/** What a type of operation may carry, and how much of it, is for `check-simple.ts` to say. */
const lengthField = typed<number>({ type: "any" });
const contentField = typed<string>({ type: "any" });
const onConflict = { type: "enum", values: ["merge"], optional: true } as const;

/** The API seed's form. */
export const simpleEdit = {
	...lax,
	prdId: docId,
	onConflict,
	operation: {
		type: "object",
		strict: true,
		props: {
			type: kind,
			position: count,
			length: optional(lengthField),
			content: optional(contentField),
			attributes: optional(attributes),
			vectorClock: optional(clock),
			revision: { ...count, optional: true },
			opId: optional(opId),
		},
	},
} as const;

/** The realtime seed's form: `version` is the base revision. */
export const flatEdit = {
	...lax,
	prdId: docId,
	onConflict,
	operation: { type: "enum", values: ["insert", "delete"] },
	position: count,
	text: optional(contentField),
	length: optional(lengthField),
	version: count,
	opId: optional(opId),
} as const;

/** The SDK's form; the op's and the marks' own shape is checked by `ot/document-op.ts`, which knows the canonical form. */
export const nativeEdit = {
	...lax,
	prdId: docId,
	onConflict,
	operation: {
		type: "object",
		strict: true,
		props: {
			op: typed<TextOp>({ type: "array" }),
			marks: optional(typed<readonly Mark[]>({ type: "array" })),
			revision: count,
			opId: optional(opId),
		},
	},
} as const;

/** Simple form of a committed op, or of one part of it, as it is sent. */
export const operationApplied = {
	prdId: docId,
	operation: {
		type: "object",
		props: {
			userId,
			sessionId,
			type: kind,
			position: count,
			content: { type: "string", optional: true },
			length: { ...count, optional: true },
			attributes: optional(attributes),
			vectorClock: clock,
		},
	},
	newVectorClock: clock,
	revision: count,
	part: { ...count, optional: true },
	parts: { ...count, optional: true },
} as const;

export const nativeApplied = {
	prdId: docId,
	op: typed<TextOp>({ type: "array" }),
	marks: optional(typed<readonly Mark[]>({ type: "array" })),
	userId,
	sessionId,
	opId,
	revision: count,
	clock,
} as const;

export const operationAck = {
	prdId: docId,
	opId,
	revision: count,
	vectorClock: clock,
	operations: { type: "array", items: "object", optional: true },
	clockCorrected: { type: "boolean", optional: true },
} as const;
