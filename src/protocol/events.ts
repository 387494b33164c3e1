import type { Role } from "../shared/roles.ts";
import type { RateClass } from "./rates.ts";
import * as documents from "./schemas/document.ts";
import type { Frozen, InferParams } from "./schemas/infer.ts";
import * as operations from "./schemas/operation.ts";
import * as presence from "./schemas/presence.ts";
import * as rooms from "./schemas/room.ts";
import * as session from "./schemas/session.ts";

/** A fastest-validator schema; several are the forms of one event, told apart in `validate.ts`. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ClientEvent {
	readonly direction: "client";
	readonly payload: Schema | readonly Schema[];
	/** Other names under which clients send it. */
	readonly aliases: readonly string[];
	/** The least role it takes; null: none. */
	readonly role: Role | null;
	/** Which token bucket a request is charged to. */
	readonly rate: RateClass;
	/** The service action behind it; null: answered by the gateway alone. */
	readonly action: string | null;
	/** The named event that answers it. */
	readonly answer: string | null;
	/** Which field the envelope's `room` stands for. */
	readonly roomField: "prdId" | "room" | null;
	/** What others are sent under the same name, where the event is relayed. */
	readonly sent?: Schema;
}

export interface ServerEvent {
	readonly direction: "server";
	readonly payload: Schema | readonly Schema[];
}

const client = <const P extends ClientEvent["payload"]>(
	payload: P,
	rest: Omit<ClientEvent, "direction" | "payload" | "aliases"> & {
		readonly aliases?: readonly string[];
	},
) => ({ aliases: [], ...rest, direction: "client" as const, payload });

const server = <const P extends ServerEvent["payload"]>(payload: P) => ({
	direction: "server" as const,
	payload,
});

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

const EXACT_AREA = new Set(["document", "operation", "conflict"]);

/** The event that carries an error of a request; undefined: the envelope itself, or an unknown event. */
export function errorEventOf(name: ClientEventName | undefined): string {
	if (name === undefined) return "error:protocol";
	const namespace = name.split(":", 1)[0] ?? name;
	return EXACT_AREA.has(namespace) ? "error:operation" : `error:${namespace}`;
}
