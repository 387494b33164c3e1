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
const names = (sessions: readonly PresentSession[]) =>
	sessions.map(({ userId }) => userId);

let clock: ManualClock;
let book: PresenceBook;
beforeEach(() => {
	clock = new ManualClock();
	book = new PresenceMemory(clock);
});

/** Who is there, as one who comes and goes sees it. */
async function there(): Promise<readonly PresentSession[]> {
	const others = await book.enter("looking", doc, session("visitor"));
	await book.leave(doc, session("visitor").sessionId);
	return others;
}

describe("the presence book", () => {
	it("[PRES-6] a joiner gets the others in the order in which they came, until they leave", async () => {
		expect(await book.enter("g1", doc, session("ann"))).toEqual([]);
		expect(names(await book.enter("g2", doc, session("bob")))).toEqual(["ann"]);
		expect(names(await there())).toEqual(["ann", "bob"]);
		await book.leave(doc, session("ann").sessionId);
		expect(names(await there())).toEqual(["bob"]);
	});

	it("[PRES-6] keeps the status that a gateway reports, and its end", async () => {
		await book.enter("g1", doc, session("ann"));
		const { sessionId } = session("ann");
		const change = { docId: doc, sessionId, lastActivity: "later" };
		expect(await book.report("g1", [{ ...change, status: "idle" }])).toBe(true);
		expect(await there()).toMatchObject([
			{ status: "idle", lastActivity: "later" },
		]);
		await book.report("g1", [change]);
		expect((await there())[0]).not.toHaveProperty("status");
	});

	it("[PRES-7] forgets by itself a gateway that is silent for 30 s, and says so when it is back", async () => {
		await book.enter("g1", doc, session("ann"));
		await book.enter("g2", doc, session("bob"));
		clock.advance(20_000);
		expect(await book.report("g2", [])).toBe(true);
		expect(await book.forgetGone()).toEqual([]);
		clock.advance(10_000);
		expect(names(await there())).toEqual(["bob"]);
		expect(await book.forgetGone()).toEqual([
			{ docId: doc, session: session("ann") },
		]);
		expect(await book.forgetGone()).toEqual([]);
		expect(await book.report("g1", [])).toBe(false);
		await book.enter("g1", doc, session("ann"));
		expect(await book.report("g1", [])).toBe(true);
	});

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
