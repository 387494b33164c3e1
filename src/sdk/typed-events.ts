import type {
	ClientData,
	ClientEventName,
	ServerData,
	ServerEventName,
} from "../protocol/events.ts";

/** What only somebody without a token, or the library itself, sends. */
type OwnRequests = "auth" | "auth:refresh" | "document:join" | "operation:edit";
export type RequestName = Exclude<ClientEventName, OwnRequests>;
export type EventName = ServerEventName;

/** Ids are plain strings for those who use the library; names out of a closed list stay what they are. */
type Plain<T> = T extends string
	? // Only a string without a closed list of values is a pattern of keys, which need not be there.
		Record<never, never> extends Record<T, 1>
		? string
		: T
	: T extends readonly (infer Item)[]
		? readonly Plain<Item>[]
		: T extends object
			? { readonly [Key in keyof T]: Plain<T[Key]> }
			: T;

export type RequestData<N extends RequestName> = Plain<ClientData<N>>;
export type EventData<N extends EventName> = Plain<ServerData<N>>;
export type ServerEvents = { [N in EventName]: EventData<N> };

/** Data of the acknowledgement: of the named event that answers the request, or nothing. */
export type AnswerData = Readonly<Record<string, unknown>>;

export type Status = EventData<"presence:updated">["status"] & string;
export type WirePosition = RequestData<"presence:cursor">["cursor"];
export type PresenceEvent = EventData<"presence:updated">;
/** Somebody else's session in a document, as the wire has it. */
export type WirePeer = EventData<"presence:joined">["session"];
