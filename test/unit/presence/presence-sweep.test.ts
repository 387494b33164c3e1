import { beforeEach, describe, expect, it } from "@jest/globals";
import type {
	PresenceBook,
	PresentSession,
} from "../../../src/presence/presence-book.ts";
import { PresenceMemory } from "../../../src/presence/presence-memory.ts";
import { presenceChannel } from "../../../src/presence/presence-message.ts";
import { PresenceSweep } from "../../../src/presence/presence-sweep.ts";
import type { DocId, SessionId, UserId } from "../../../src/shared/ids.ts";
import { SILENT } from "../../../src/shared/logger.ts";
import { HeldBus } from "../../support/held-bus.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const doc = "d1" as DocId;
const session = (name: string): PresentSession => ({
	sessionId: `s_${name}` as SessionId,
	userId: name as UserId,
	userName: name,
	mode: "edit",
	color: "#047857",
	lastActivity: "2024-01-26T10:30:00.000Z",
});
let clock: ManualClock;
let book: PresenceBook;
beforeEach(() => {
	clock = new ManualClock();
	book = new PresenceMemory(clock);
});

describe("the sweep of the presence book", () => {
	it("[PRES-7] the sessions of a gateway that is gone leave, for all who still see them", async () => {
		const bus = new HeldBus();
		const sweep = new PresenceSweep(book, { clock, bus, logger: SILENT });
		sweep.start();
		await book.enter("g1", doc, session("ann"));
		// At the worst right after a sweep: 30 s of silence, and 5 s until the next.
		clock.advance(35_000);
		await Promise.resolve();
		await Promise.resolve();
		expect(bus.held).toEqual([
			{
				channel: presenceChannel(doc),
				message: { head: { kind: "left", session: session("ann") } },
			},
		]);
		sweep.close();
		expect(clock.waiting).toBe(0);
	});
});
