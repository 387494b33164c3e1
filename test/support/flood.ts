import type { GatewayLab } from "./gateway-lab.ts";
import type { RawClient } from "./raw-client.ts";

/** More than the operating system keeps for a reader that does not read. */
const EDITS = 120;
const CONTENT = "x".repeat(60_000);
const TICK_MS = 500;

/** Writes more into d1 than a reader that does not read can be sent. */
export async function flood(writer: RawClient, edits = EDITS): Promise<void> {
	for (let revision = 0; revision < edits; revision++)
		await writer.request("operation:edit", {
			prdId: "d1",
			operation: { type: "insert", position: 0, content: CONTENT, revision },
		});
}

/** Lets time pass until a session has been closed for being slow. */
export async function untilShed(
	lab: GatewayLab,
	witness: RawClient,
): Promise<void> {
	for (let ticks = 0; ticks < 20; ticks++) {
		if (lab.lines.some(({ code }) => code === 4208)) return;
		lab.clock.advance(TICK_MS);
		await witness.settled();
	}
	throw new Error("no session was closed for being slow");
}
