import type { ErrorCode } from "../../src/protocol/errors.ts";
import { DOORS, type Door, type HostileFrame } from "./message-attacker.ts";

/** Stands in what attackers send: it is to be seen nowhere else. */
export const CANARY = "hush4711";

/** What a frame is refused with; the connection lives. */
export interface Refusal {
	/** The event that carries it; `error:operation` when absent. */
	readonly event?: string;
	readonly code: ErrorCode;
	/** Exactly the error's data. */
	readonly data?: Readonly<Record<string, unknown>>;
	/** How the answer calls the event, where the frame does not say it plainly. */
	readonly operation?: string;
	/** Refused before it is parsed. */
	readonly isUnread?: true;
}

/** What is unusual, but allowed. */
export interface Acceptance {
	/** Fields of the answer. */
	readonly ack: Readonly<Record<string, unknown>>;
	/** What the neighbour is sent for it, but for presence. */
	readonly heard?: readonly HeardEvent[];
}

export interface HeardEvent {
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/**
 * One line of the catalogue. In all of it `$doc` is the attacker's document (ids that begin with `$doc-` are free and
 * his), `$session` his session and `$neighbour` the neighbour's. When he joins, the document is at revision 1: its text.
 * Then come his good requests, and one edit of the neighbour, who inserts a dot in front.
 */
export interface MessageRow {
	/** Of the catalogue. */
	readonly row: number;
	readonly name: string;
	readonly doors?: readonly Door[];
	/** The document's text when he joins; "hello world" when absent. */
	readonly text?: string;
	/** How he joins; `null`: he does not. */
	readonly join?: Readonly<Record<string, unknown>> | null;
	/** Role by his token; `null`: his token names no documents. */
	readonly role?: string | null;
	/** What his token names instead. */
	readonly rights?: unknown;
	/** Good requests before. */
	readonly setup?: readonly HostileFrame[];
	readonly frame: HostileFrame;
	readonly expect: Refusal | Acceptance;
}
export type DoorRow = MessageRow & { readonly door: Door };

/** The table with every row at each of its doors. */
export const atDoors = (rows: readonly MessageRow[]): readonly DoorRow[] =>
	rows.flatMap((row) => (row.doors ?? DOORS).map((door) => ({ ...row, door })));

/** The same with every placeholder replaced. */
export function filled<T>(
	value: T,
	names: Readonly<Record<string, string>>,
): T {
	let json = JSON.stringify(value);
	for (const [name, text] of Object.entries(names))
		json = json.replaceAll(name, text);
	return JSON.parse(json);
}

/** How a neighbour hears of an operation. */
export const applied = (operation: object): HeardEvent => ({
	type: "operation:applied",
	data: { operation },
});

export const edit = (operation: unknown): HostileFrame => ({
	type: "operation:edit",
	data: { prdId: "$doc", operation },
});

/** On revision 1, at the beginning. */
export const insert = (content: unknown, rest: object = {}): HostileFrame =>
	edit({ type: "insert", position: 0, content, revision: 1, ...rest });

export const malformed = (field: string, rule?: string): Refusal => ({
	code: "VALIDATION_FAILED",
	data: { field, ...(rule === undefined ? {} : { rule }) },
});

export const invalid = (
	reason: string,
	data: Readonly<Record<string, unknown>> = {},
): Refusal => ({ code: "OPERATION_INVALID", data: { reason, ...data } });

/** A fault of the envelope. */
export const protocol = (data: object, operation = ""): Refusal => ({
	event: "error:protocol",
	code: "VALIDATION_FAILED",
	data: { ...data },
	operation,
});

/** Nobody has such an event, or no client may send it. */
export const unknown = (operation: string): Refusal => ({
	event: "error:protocol",
	code: "UNKNOWN_EVENT",
	operation,
});

/** Told before the frame is parsed, so that nobody knows yet whose it is. */
export const TOO_MANY_KEYS: Refusal = {
	...protocol({ reason: "keys" }),
	isUnread: true,
};
