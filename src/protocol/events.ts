import { APPROVAL_EVENTS } from "./approval-events.ts";
import { COMMENT_EVENTS } from "./comment-events.ts";
import {
	type ClientEvent,
	client,
	type Schema,
	type ServerEvent,
	server,
} from "./event.ts";
import * as documents from "./schemas/document.ts";
import type { Frozen, InferParams } from "./schemas/infer.ts";
import * as operations from "./schemas/operation.ts";
import * as presence from "./schemas/presence.ts";
import * as rooms from "./schemas/room.ts";
import * as session from "./schemas/session.ts";
import { VERSION_EVENTS } from "./version-events.ts";

const own = {
	role: null,
	action: null,
	answer: null,
	roomField: null,
} as const;

/** Every event of the product, once: routing, validation, types and documents come from here. */
export const EVENTS = {
	auth: client(session.auth, {
		...own,
		rate: "auth",
		answer: "session:ready",
	}),
	"auth:refresh": client(session.authRefresh, {
		...own,
		rate: "auth",
	}),
	ping: client(session.ping, { ...own, rate: "control" }),
	"document:join": client(documents.documentJoin, {
		role: "view",
		rate: "join",
		action: "document-ot.join",
		answer: "document:joined",
		roomField: "prdId",
	}),
	"document:leave": client(documents.documentLeave, {
		role: "view",
		rate: "control",
		action: "document-ot.leave",
		answer: null,
		roomField: "prdId",
	}),
	"session:recover": client(session.sessionRecover, {
		...own,
		role: "view",
		rate: "recover",
		action: "document-ot.join",
		answer: "session:recovered",
	}),
	"operation:edit": client(
		[operations.simpleEdit, operations.flatEdit, operations.nativeEdit],
		{
			aliases: ["document:update"],
			role: "edit",
			rate: "edit",
			action: "document-ot.submit",
			answer: "operation:ack",
			roomField: "prdId",
		},
	),
	"presence:cursor": client(presence.presenceCursor, {
		role: "view",
		rate: "presence",
		action: null,
		answer: null,
		roomField: "prdId",
	}),
	"presence:status": client(presence.presenceStatus, {
		role: "view",
		rate: "presence",
		action: null,
		answer: null,
		roomField: "prdId",
	}),
	"room:create": client(rooms.roomCreate, {
		role: null,
		rate: "room",
		action: "room.create",
		answer: null,
		roomField: "room",
	}),
	"room:join": client(rooms.roomJoin, {
		role: "view",
		rate: "join",
		action: "room.visit",
		answer: "room:joined",
		roomField: "room",
	}),
	"room:leave": client(rooms.roomLeave, {
		role: "view",
		rate: "join",
		action: null,
		answer: null,
		roomField: "room",
	}),
	"room:message": {
		...client(rooms.roomMessage, {
			role: "comment",
			rate: "room",
			action: null,
			answer: null,
			roomField: "room",
		}),
		sent: rooms.roomMessaged,
	},
	"room:list": client(rooms.roomList, {
		...own,
		rate: "room",
		action: "room.list",
	}),
	"room:invite": client(rooms.roomInvite, {
		role: "owner",
		rate: "room",
		action: "room.invite",
		answer: null,
		roomField: "room",
	}),
	"room:kick": client(rooms.roomKick, {
		role: "owner",
		rate: "room",
		action: "room.kick",
		answer: null,
		roomField: "room",
	}),
	...COMMENT_EVENTS,
	...APPROVAL_EVENTS,
	...VERSION_EVENTS,
	"session:ready": server(session.sessionReady),
	"session:recovered": server(session.sessionRecovered),
	"rate_limit:warning": server(session.rateWarning),
	"rate_limit:exceeded": server(session.rateExceeded),
	"auth:expiring": server(session.authExpiring),
	"connection:closing": server(session.connectionClosing),
	"security:alert": server(session.securityAlert),
	"system:draining": server(session.systemDraining),
	"document:joined": server(documents.documentJoined),
	"document:reset": server(documents.documentReset),
	"document:deleted": server(documents.documentDeleted),
	"document:renamed": server(documents.documentRenamed),
	"operation:ack": server(operations.operationAck),
	"operation:applied": server([
		operations.operationApplied,
		operations.nativeApplied,
	]),
	"presence:joined": server(presence.presenceMoved),
	"presence:left": server(presence.presenceMoved),
	"presence:updated": server(presence.presenceUpdated),
	"permission:changed": server(documents.permissionChanged),
	"room:joined": server(rooms.roomJoined),
	"room:member-joined": server(rooms.roomMemberMoved),
	"room:member-left": server(rooms.roomMemberMoved),
	/** `error:operation`, `error:protocol`, `error:<namespace>`. */
	"error:*": server(session.errorData),
} as const satisfies Record<string, ClientEvent | ServerEvent>;

type Registry = typeof EVENTS;
type NamesOf<Direction> = {
	[N in keyof Registry]: Registry[N]["direction"] extends Direction ? N : never;
}[keyof Registry];
export type ClientEventName = NamesOf<"client">;
/** Events that a service answers. */
export type ServedEventName = {
	[N in keyof Registry]: Registry[N] extends { readonly isServed: true }
		? N
		: never;
}[keyof Registry];
/** Events that clients send and others are sent. */
type RelayedName = {
	[N in keyof Registry]: Registry[N] extends { readonly sent: Schema }
		? N
		: never;
}[keyof Registry];
export type ServerEventName =
	| Exclude<NamesOf<"server">, "error:*">
	| RelayedName;

type PayloadOf<P> = P extends readonly (infer F)[]
	? F extends unknown
		? InferParams<F>
		: never
	: InferParams<P>;
/** A checked payload of a client's event. */
export type ClientData<N extends ClientEventName> = PayloadOf<
	Registry[N]["payload"]
>;
/** What the server sends under that name. */
export type ServerData<N extends ServerEventName> = Frozen<
	PayloadOf<
		Registry[N] extends { readonly sent: infer S } ? S : Registry[N]["payload"]
	>
>;

/** What a service answers to that event. */
export type ReplyData<N extends ServedEventName> = Registry[N] extends {
	readonly reply: infer S;
}
	? Frozen<InferParams<S>>
	: Registry[N] extends { readonly answer: infer A extends ServerEventName }
		? ServerData<A>
		: Readonly<Record<string, never>>;

const EXACT_AREA = new Set(["document", "operation", "conflict"]);

/** The event that carries an error of a request; undefined: the envelope itself, or an unknown event. */
export function errorEventOf(name: ClientEventName | undefined): string {
	if (name === undefined) return "error:protocol";
	const namespace = name.split(":", 1)[0] ?? name;
	return EXACT_AREA.has(namespace) ? "error:operation" : `error:${namespace}`;
}
