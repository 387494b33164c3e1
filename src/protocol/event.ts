import type { Role } from "../shared/roles.ts";
import type { RateClass } from "./rates.ts";

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
	/** The action answers it whole: the gateway passes on who asks what, and the answer back. */
	readonly isServed?: true;
	/** Of such an answer, where no named event has the same payload. */
	readonly reply?: Schema;
}

export interface ServerEvent {
	readonly direction: "server";
	readonly payload: Schema | readonly Schema[];
}

/** What a client sends. */
export const client = <const P extends ClientEvent["payload"]>(
	payload: P,
	rest: Omit<ClientEvent, "direction" | "payload" | "aliases"> & {
		readonly aliases?: readonly string[];
	},
) => ({ aliases: [], ...rest, direction: "client" as const, payload });

/** What a service answers, for people who need not have joined the document; see `Asked`. */
export const served = <
	const P extends Schema,
	const R extends Pick<ClientEvent, "role" | "rate" | "answer" | "reply"> & {
		readonly action: string;
	},
>(
	payload: P,
	rest: R,
) => ({
	aliases: [],
	roomField: "prdId" as const,
	isServed: true as const,
	...rest,
	direction: "client" as const,
	payload,
});

/** What the server sends. */
export const server = <const P extends ServerEvent["payload"]>(payload: P) => ({
	direction: "server" as const,
	payload,
});
