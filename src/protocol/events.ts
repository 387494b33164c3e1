import type { Role } from "../shared/roles.ts";
import * as documents from "./schemas/document.ts";
import type { Frozen, InferParams } from "./schemas/infer.ts";
import * as operations from "./schemas/operation.ts";
import * as rooms from "./schemas/room.ts";
import * as session from "./schemas/session.ts";

/** A fastest-validator schema; several are the forms of one event, told apart in `validate.ts`. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ClientEvent {
	readonly direction: "client";
	readonly payload: Schema | readonly Schema[];
	/** Other names under which clients send it. */
	readonly aliases: readonly string[];
	/** `greeting`: before a token has been accepted; `session`: after; `document`: in a joined document. */
	readonly scope: "greeting" | "session" | "document";
	/** The least role it takes; null: none. */
	readonly role: Role | null;
	/** Which token bucket a request is charged to. */
	readonly rate: "auth" | "control" | "join" | "edit" | "room";
	/** The service action behind it; null: answered by the gateway alone. */
	readonly action: string | null;
	/** The named event that answers it. */
	readonly answer: string | null;
	/** Which field the envelope's `room` stands for. */
	readonly roomField: "prdId" | "room" | null;
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
		scope: "greeting",
		rate: "auth",
		answer: "session:ready",
	}),
	"auth:refresh": client(session.authRefresh, {
		...own,
		scope: "session",
		rate: "auth",
	}),
	ping: client(session.ping, { ...own, scope: "session", rate: "control" }),
	"document:join": client(documents.documentJoin, {
		scope: "session",
		role: "view",
		rate: "join",
		action: "document-ot.join",
		answer: "document:joined",
		roomField: "prdId",
	}),
	"document:leave": client(documents.documentLeave, {
		scope: "document",
		role: "view",
		rate: "join",
		action: "document-ot.leave",
		answer: null,
		roomField: "prdId",
	}),
	"operation:edit": client(
		[operations.simpleEdit, operations.flatEdit, operations.nativeEdit],
		{
			aliases: ["document:update"],
			scope: "document",
			role: "edit",
			rate: "edit",
			action: "document-ot.submit",
			answer: "operation:ack",
			roomField: "prdId",
		},
	),
	"room:invite": client(rooms.roomInvite, {
		scope: "session",
		role: "owner",
		rate: "room",
		action: "room.invite",
		answer: null,
		roomField: "room",
	}),
	"session:ready": server(session.sessionReady),
	"auth:expiring": server(session.authExpiring),
	"security:alert": server(session.securityAlert),
	"system:draining": server(session.systemDraining),
	"document:joined": server(documents.documentJoined),
	"operation:ack": server(operations.operationAck),
	"operation:applied": server([
		operations.operationApplied,
		operations.nativeApplied,
	]),
	"presence:joined": server(documents.presenceMoved),
	"presence:left": server(documents.presenceMoved),
	"permission:changed": server(documents.permissionChanged),
	/** `error:operation`, `error:protocol`, `error:<namespace>`. */
	"error:*": server(session.errorData),
} as const satisfies Record<string, ClientEvent | ServerEvent>;

type Registry = typeof EVENTS;
type NamesOf<Direction> = {
	[N in keyof Registry]: Registry[N]["direction"] extends Direction ? N : never;
}[keyof Registry];
export type ClientEventName = NamesOf<"client">;
export type ServerEventName = Exclude<NamesOf<"server">, "error:*">;

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
	PayloadOf<Registry[N]["payload"]>
>;

const EXACT_AREA = new Set(["document", "operation", "conflict"]);

/** The event that carries an error of a request; undefined: the envelope itself, or an unknown event. */
export function errorEventOf(name: ClientEventName | undefined): string {
	if (name === undefined) return "error:protocol";
	const namespace = name.split(":", 1)[0] ?? name;
	return EXACT_AREA.has(namespace) ? "error:operation" : `error:${namespace}`;
}
