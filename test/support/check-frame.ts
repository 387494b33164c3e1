import type { ClientEvent, Schema } from "../../src/protocol/event.ts";
import { EVENTS } from "../../src/protocol/events.ts";
import { compile } from "../../src/protocol/validate.ts";
import type { Frame } from "./raw-client.ts";

type Check = (data: unknown) => true | readonly unknown[];

/** What a relayed event of clients looks like when others get it. */
const sentBy = ({ sent }: ClientEvent) => sent;

const CHECKS = new Map<string, readonly Check[]>();
for (const [name, event] of Object.entries(EVENTS)) {
	const sent = event.direction === "server" ? event.payload : sentBy(event);
	if (sent === undefined) continue;
	const forms = [sent].flat() as readonly Schema[];
	CHECKS.set(
		name,
		forms.map((form) => compile({ ...form, $$strict: true })),
	);
}

/** Throws unless the frame is an event of the registry with exactly its fields (an ack's data depends on the request). */
export function checkFrame({ type, data }: Frame): void {
	if (type === "ack") return;
	const checks = CHECKS.get(type.startsWith("error:") ? "error:*" : type);
	if (checks === undefined) throw new Error(`${type} is not in the registry`);
	const verdicts = checks.map((check) => check(structuredClone(data)));
	if (!verdicts.includes(true))
		throw new Error(`${type}: ${JSON.stringify([data, verdicts])}`);
}
