import { checkDocumentOp } from "../ot/document-op.ts";
import type { DocId, OpId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import { checkSimple } from "./check-simple.ts";
import { CollabError } from "./errors.ts";
import type { ClientData } from "./events.ts";
import type { SubmittedEdit, Unit } from "./submission.ts";

/** An edit in any of its three forms on the wire, reduced to one. */
export interface EditRequest {
	readonly docId: DocId;
	readonly edit: SubmittedEdit;
	readonly opId?: OpId;
	readonly revision?: number;
	readonly clock?: Readonly<Record<string, number>>;
}

type Edit = ClientData<"operation:edit">;
type SimpleEdit = Extract<
	Edit,
	{ readonly operation: { readonly type: string } }
>;
type FlatEdit = Extract<Edit, { readonly position: number }>;
type NativeEdit = Extract<
	Edit,
	{ readonly operation: { readonly op: unknown } }
>;

/**
 * Reads a checked payload; `unit` is what the session counts positions in (native ops always count code points).
 * Throws `VALIDATION_FAILED`, `OPERATION_INVALID` or `PAYLOAD_TOO_LARGE`.
 */
export function editRequest(
	data: Edit,
	unit: Unit,
	limits: Limits,
): EditRequest {
	if (typeof data.operation === "string")
		return flatRequest(data as FlatEdit, unit, limits);
	return "op" in data.operation
		? nativeRequest(data as NativeEdit, limits)
		: simpleRequest(data as SimpleEdit, unit, limits);
}

function simpleRequest(
	{ prdId, operation }: SimpleEdit,
	unit: Unit,
	limits: Limits,
): EditRequest {
	const { vectorClock, revision, opId } = operation;
	if (vectorClock === undefined && revision === undefined)
		throw new CollabError(
			"VALIDATION_FAILED",
			"An edit says what it was made on: vectorClock or revision",
			{ field: "operation.vectorClock" },
		);
	return {
		docId: prdId,
		edit: { form: "simple", unit, operation: checkSimple(operation, limits) },
		...(opId === undefined ? {} : { opId }),
		...(revision === undefined ? {} : { revision }),
		...(vectorClock === undefined ? {} : { clock: vectorClock }),
	};
}

function flatRequest(
	{ prdId, operation, position, text, length, version, opId }: FlatEdit,
	unit: Unit,
	limits: Limits,
): EditRequest {
	const fields = {
		type: operation,
		position,
		...(text === undefined ? {} : { content: text }),
		...(length === undefined ? {} : { length }),
	};
	return {
		docId: prdId,
		edit: { form: "simple", unit, operation: checkSimple(fields, limits) },
		...(opId === undefined ? {} : { opId }),
		revision: version,
	};
}

function nativeRequest(
	{ prdId, operation: { op, marks, revision, opId } }: NativeEdit,
	limits: Limits,
): EditRequest {
	const { t, m } = checkDocumentOp(op, marks, limits);
	return {
		docId: prdId,
		edit: { form: "native", op: t, marks: m },
		...(opId === undefined ? {} : { opId }),
		revision,
	};
}
