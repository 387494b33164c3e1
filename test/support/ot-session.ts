import fc from "fast-check";
import type { DocumentContent } from "../../src/ot/document-op.ts";
import { type Intent, intent, opOf } from "./ot-generators.ts";
import {
	type Accepted,
	LinearLog,
	LogClient,
	type SentOp,
} from "./ot-linear-log.ts";

/** One step of a session: a client types, its next op reaches the log, or it hears the next op of the log. */
export interface Step {
	readonly client: number;
	readonly what: "make" | "send" | "hear";
	readonly intent: Intent;
}

export const steps = (
	clients: number,
	maxLength: number,
): fc.Arbitrary<readonly Step[]> =>
	fc.array(
		fc.record({
			client: fc.nat(clients - 1),
			what: fc.constantFrom("make", "make", "send", "hear"),
			intent,
		}),
		{ maxLength, size: "max" },
	);

/** Plays the steps, then delivers what is still on its way; `check` sees every op that the log takes. */
export function playSession(
	start: DocumentContent,
	clientCount: number,
	session: readonly Step[],
	check: (sent: SentOp, accepted: Accepted, log: LinearLog) => void,
): { readonly log: LinearLog; readonly clients: readonly LogClient[] } {
	const log = new LinearLog(start);
	const clients = Array.from(
		{ length: clientCount },
		(_, number) => new LogClient(number, start),
	);
	const send = (client: LogClient) => {
		const sent = client.sent.shift();
		if (sent !== undefined) check(sent, log.accept(sent), log);
	};
	const hear = (client: LogClient) => {
		const next = log.ops[client.rev];
		if (next !== undefined) client.hear(next);
	};
	for (const step of session) {
		const client = clients[step.client] as LogClient;
		if (step.what === "make")
			client.make(opOf(client.cells.length, step.intent));
		else if (step.what === "send") send(client);
		else hear(client);
	}
	for (const client of clients) while (client.sent.length > 0) send(client);
	for (const client of clients)
		while (client.rev < log.ops.length) hear(client);
	return { log, clients };
}
