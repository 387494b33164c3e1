import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "@jest/globals";
import {
	GATEWAY_TTL_MS,
	type Presence,
	type PresenceBook,
	type PresentSession,
} from "../../src/presence/presence-book.ts";
import type { DocId, SessionId, UserId } from "../../src/shared/ids.ts";

/** A book whose time the test holds. */
export interface TestBook {
	readonly book: PresenceBook;
	/** As if so much time had passed, with sweeps all the way. */
	pass(ms: number): Promise<void>;
}

export const newSession = (name: string): PresentSession => ({
	sessionId: `s_${name}_${randomUUID()}` as SessionId,
	userId: name as UserId,
	userName: `${name} "Ω" 📐`,
	mode: "edit",
	color: "#047857",
	lastActivity: "2024-01-26T10:30:00.000Z",
});

/** What is told of gateways that are gone, in any order. */
export async function forgotten(
	book: PresenceBook,
): Promise<readonly Presence[]> {
	const gone: Presence[] = [];
	await book.forgetGone((part) => gone.push(...part));
	return gone.sort((a, b) => (a.session.userId < b.session.userId ? -1 : 1));
}

/** Every implementation of `PresenceBook` keeps these rules. */
export function presenceBookContract(
	name: string,
	create: () => Promise<TestBook>,
): void {
	describe(`presence book in ${name}`, () => {
		let book: PresenceBook;
		let pass: TestBook["pass"];
		let doc: DocId;
		beforeEach(async () => {
			({ book, pass } = await create());
			doc = `doc-${randomUUID()}` as DocId;
		});

		/** Who is there, as one who comes and goes sees it. */
		async function there(where = doc): Promise<readonly PresentSession[]> {
			const visitor = newSession("visitor");
			const others = await book.enter(`g-${randomUUID()}`, where, visitor);
			await book.leave(where, visitor.sessionId);
			return others;
		}

		it("[PRES-6] a joiner gets the others in the order in which they came, until they leave", async () => {
			const [ann, bob, cy] = ["ann", "bob", "cy"].map(newSession) as [
				PresentSession,
				PresentSession,
				PresentSession,
			];
			expect(await book.enter("g2", doc, cy)).toEqual([]);
			expect(await book.enter("g1", doc, ann)).toEqual([cy]);
			expect(await book.enter("g2", doc, bob)).toEqual([cy, ann]);
			expect(await book.enter("g2", doc, bob)).toEqual([cy, ann]);
			await book.leave(doc, ann.sessionId);
			await book.leave(doc, ann.sessionId);
			expect(await there()).toEqual([cy, bob]);
		});

		it("[PRES-6] documents are apart, also those whose ids begin alike", async () => {
			const ann = newSession("ann");
			await book.enter("g1", doc, ann);
			for (const other of [`${doc}2`, `${doc}.a`, doc.slice(0, -1)])
				expect(await there(other as DocId)).toEqual([]);
			await book.leave(`${doc}2` as DocId, ann.sessionId);
			expect(await there()).toEqual([ann]);
		});

		it("[PRES-6] keeps the status that a gateway reports, and its end", async () => {
			const ann = newSession("ann");
			await book.enter("g1", doc, ann);
			const change = {
				docId: doc,
				sessionId: ann.sessionId,
				lastActivity: "later",
			};
			await book.report("g1", [{ ...change, status: "idle" }]);
			expect(await there()).toEqual([
				{ ...ann, status: "idle", lastActivity: "later" },
			]);
			await book.report("g1", [change]);
			expect(await there()).toEqual([{ ...ann, lastActivity: "later" }]);
			const gone = { ...change, sessionId: "s_gone" as SessionId };
			await book.report("g1", [{ ...gone, status: "idle" }]);
			expect(await there()).toHaveLength(1);
		});

		it("[PRES-7] a gateway is known from its first report on", async () => {
			const ann = newSession("ann");
			await book.enter("g1", doc, ann);
			expect(await book.report("g1", [])).toBe(false);
			expect(await book.report("g1", [])).toBe(true);
			expect(await there()).toEqual([ann]);
		});

		it("[PRES-7] forgets a gateway that is silent for 30 s, and tells what it held", async () => {
			const [ann, bob] = [newSession("ann"), newSession("bob")];
			await book.enter("g1", doc, ann);
			await book.enter("g2", doc, bob);
			await book.report("g2", []);
			await pass(GATEWAY_TTL_MS - 5_000);
			expect(await book.report("g2", [])).toBe(true);
			expect(await forgotten(book)).toEqual([]);
			expect(await there()).toEqual([ann, bob]);
			await pass(5_000);
			expect(await there()).toEqual([bob]);
			expect(await forgotten(book)).toEqual([{ docId: doc, session: ann }]);
			await pass(5_000);
			expect(await forgotten(book)).toEqual([]);
			expect(await there()).toEqual([bob]);
		});

		it("[PRES-7] one that comes back enters again what it holds, and nothing else is there", async () => {
			const [ann, bob] = [newSession("ann"), newSession("bob")];
			for (const session of [ann, bob]) await book.enter("g1", doc, session);
			await book.report("g1", []);
			await pass(GATEWAY_TTL_MS);
			const late = newSession("late");
			await book.enter("g1", doc, late);
			expect(await there()).toEqual([]);
			expect(await book.report("g1", [])).toBe(false);
			for (const session of [bob, late]) await book.enter("g1", doc, session);
			expect(await book.report("g1", [])).toBe(true);
			expect(await there()).toEqual([bob, late]);
			expect(await forgotten(book)).toEqual([]);
		});

		it("[PRES-7] one that has held nothing for long is there at once with what it holds next", async () => {
			const [ann, bob] = [newSession("ann"), newSession("bob")];
			await book.enter("g1", doc, ann);
			await book.report("g1", []);
			await book.leave(doc, ann.sessionId);
			await pass(GATEWAY_TTL_MS * 2);
			await book.enter("g1", doc, bob);
			expect(await there()).toEqual([bob]);
		});

		it("[PRES-9] a gateway whose calls have failed starts anew", async () => {
			const [ann, ghost] = [newSession("ann"), newSession("ghost")];
			for (const session of [ann, ghost]) await book.enter("g1", doc, session);
			await book.report("g1", []);
			expect(await book.report("g1", [], true)).toBe(false);
			await book.enter("g1", doc, ann);
			expect(await there()).toEqual([ann]);
			expect(await book.report("g1", [])).toBe(true);
		});

		it("[PRES-7] all the sessions of a full gateway are told", async () => {
			const sessions = Array.from({ length: 700 }, (_, i) =>
				newSession(`user${i}`),
			);
			for (const [i, session] of sessions.entries())
				await book.enter("g1", `${doc}.${i % 100}` as DocId, session);
			await pass(GATEWAY_TTL_MS);
			const told = (await forgotten(book)).map(
				({ session }) => session.sessionId,
			);
			expect(new Set(told)).toEqual(
				new Set(sessions.map(({ sessionId }) => sessionId)),
			);
			expect(await there(`${doc}.0` as DocId)).toEqual([]);
		});
	});
}
