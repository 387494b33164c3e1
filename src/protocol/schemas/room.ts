import { docId, mode, role, sessionId, userId } from "./common.ts";
import { typed } from "./infer.ts";
import { presentSession } from "./presence.ts";

const lax = { $$strict: "remove" } as const;

const MAX_NAME_CHARS = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** What people call a room or a document: something to read, on one line. */
export const roomName = {
	type: "string",
	min: 1,
	max: MAX_NAME_CHARS,
	custom: (value: unknown, errors: { readonly type: string }[]) => {
		const isName =
			value === undefined ||
			(typeof value === "string" &&
				value.isWellFormed() &&
				value.trim() !== "" &&
				!CONTROL.test(value));
		if (!isName) errors.push({ type: "name" });
		return value;
	},
} as const;

export const visibility = {
	type: "enum",
	values: ["private", "public"],
} as const;

/** Text that every database keeps as it is, in any depth; the frame bounds that. */
const isStorable = (value: unknown): boolean =>
	typeof value === "string"
		? value.isWellFormed() && !value.includes("\0")
		: typeof value !== "object" ||
			value === null ||
			Object.entries(value).flat().every(isStorable);

const metadata = typed<Readonly<Record<string, unknown>>>({ type: "object" });
const storableMetadata = {
	...metadata,
	optional: true,
	custom: (value: unknown, errors: { readonly type: string }[]) => {
		if (!isStorable(value)) errors.push({ type: "text" });
		return value;
	},
} as const;

export const roomCreate = {
	...lax,
	room: docId,
	name: { ...roomName, optional: true },
	visibility,
	metadata: storableMetadata,
} as const;

export const roomJoin = { ...lax, room: docId } as const;
export const roomLeave = { ...lax, room: docId } as const;
export const roomList = { ...lax } as const;

const anything = {
	...typed<unknown>({ type: "any" }),
	nullable: true,
} as const;

/** `event` and `payload` are the members' own matter; how big a payload may be is for the gateway to say. */
export const roomMessage = {
	...lax,
	room: docId,
	event: { type: "string", min: 1, max: 64 },
	payload: anything,
	echo: { type: "boolean", optional: true },
} as const;

export const roomMessaged = {
	room: docId,
	event: "string",
	payload: anything,
	from: { type: "object", props: { userId, sessionId, userName: "string" } },
} as const;

export const roomInvite = { ...lax, room: docId, userId, role } as const;

export const roomKick = { ...lax, room: docId, userId } as const;

/** `members` are the sessions in the room now, the new one included. */
export const roomJoined = {
	room: docId,
	name: "string",
	mode,
	members: { type: "array", items: presentSession },
	metadata,
} as const;

export const roomMemberMoved = { room: docId, member: presentSession } as const;
