import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { openStores } from "../../../src/db/open-stores.ts";
import type { Mark } from "../../../src/ot/marks.ts";
import type { TextOp } from "../../../src/ot/text-op.ts";
import type { DocId, OpId, UserId } from "../../../src/shared/ids.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";
import type { Seat } from "../../support/documents-seat.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { createDataDir, type DataDir } from "../../support/sqlite.ts";

const OTHER = "other" as DocId;

let dir: DataDir;
let stores: Awaited<ReturnType<typeof openStores>>;

async function open(): Promise<Owner> {
	stores = await openStores(
		{ kind: "sqlite", dataDir: dir.path, synchronous: "NORMAL" },
		{ clock: new ManualClock(), newId: randomUUID, onFatal: () => {} },
	);
	return new DocumentsLab(stores.opLog, stores.snapshots).owner();
}

beforeEach(async () => {
	dir = createDataDir();
	await open();
	for (const roomId of [DOC, OTHER])
		await stores.rooms.create(
			{
				roomId,
				kind: "document",
				title: "T",
				visibility: "private",
				metadata: {},
				createdAtMs: 0,
			},
			"ann" as UserId,
		);
	await stores.close();
});
afterEach(async () => {
	await stores.close();
	dir.remove();
});

/** Damages the closed database. */
function damage(statement: string): void {
	const file = new Database(`${dir.path}/prdtool.db`, { fileMustExist: true });
	expect(file.prepare(statement).run().changes).toBeGreaterThan(0);
	file.close();
}

const native = (
	seat: Seat,
	t: TextOp,
	m: readonly Mark[],
	revision: number,
) => ({
	...seat.edit(t, { revision }),
	edit: { form: "native" as const, op: t, marks: m },
});

/** Text with characters of every width, formatted, cut and moved. */
async function write(owner: Owner, seat: Seat): Promise<void> {
	const bold = { bold: true };
	for (const [i, [t, m]] of (
		[
			[["plain 😀 text"], []],
			[
				[6, "é€"],
				[6, { n: 3, a: bold }],
			],
			[[{ d: 2 }], [{ n: 2, a: { link: "https://example.org/" } }]],
			[["😀", 3, { d: 1 }], []],
		] as const
	).entries())
		expect(await owner.commit(native(seat, t, m, i))).toBe(
			`committed ${i + 1}`,
		);
}

const contentOf = async (owner: Owner) => {
	const { joined } = await owner.join("reader");
	const ops = await owner.directory.opsSince(DOC, 0);
	return { ...joined, ops: ops.map(({ body }) => body) };
};

describe("a document on SQLite", () => {
	it("[DOC-17] is the same after it slept, from the snapshot and from the ops after it", async () => {
		const first = await open();
		await write(first, await first.join("ann"));
		const before = await contentOf(first);
		await first.directory.close();
		await stores.close();
		const second = await open();
		expect(await contentOf(second)).toEqual(before);
		const ben = await second.join("ben");
		expect(await second.commit(native(ben, ["!"], [], 4))).toBe("committed 5");
		const later = await contentOf(second);
		await stores.close();
		// Not put to sleep: the snapshot is one op behind.
		const third = await open();
		expect(await contentOf(third)).toEqual(later);
		damage("delete from snapshots");
		await stores.close();
		const fourth = await open();
		expect(await contentOf(fourth)).toEqual(later);
	});

	it("[DOC-20] counts a session that comes back as another replica as that one, also after a reload", async () => {
		const first = await open();
		const seats = [
			await first.join("1", { user: "ann" }),
			await first.join("2", { user: "ann" }),
		];
		const [, second] = seats as [Seat, Seat];
		expect(await first.commit(second.edit(["a"], { revision: 0 }))).toBe(
			"committed 1",
		);
		for (const { sessionId } of seats) first.directory.leave(DOC, sessionId);
		const again = await first.join("2", { user: "ann" });
		const opId = `${again.sessionId}:2` as OpId;
		expect(await first.commit(again.edit(["b"], { revision: 1, opId }))).toBe(
			"committed 2",
		);
		const clock = { ann: 1, "ann~2": 1 };
		expect((await first.join("3")).joined.vectorClock).toEqual(clock);
		await stores.close();
		expect((await (await open()).join("3")).joined.vectorClock).toEqual(clock);
	});

	it.each([
		["a lost row", "delete from ops where doc = 1 and rev = 2"],
		[
			"a row that does not fit",
			`update ops set op = '[99,"x"]' where doc = 1 and rev = 3`,
		],
		[
			"a row that is no JSON",
			"update ops set op = '[' where doc = 1 and rev = 3",
		],
		[
			"a row that is no op",
			"update ops set op = '7' where doc = 1 and rev = 3",
		],
		["a lost last row", "delete from ops where doc = 1 and rev = 4"],
	])(
		"[DOC-18] %s makes it unavailable, and no other",
		async (_what, statement) => {
			const first = await open();
			const ann = await first.join("ann");
			const ben = await first.join("ben", { docId: OTHER });
			await write(first, ann);
			await first.submit(ben.edit(["b"], { revision: 0 }));
			await stores.close();
			damage(statement);
			const owner = await open();
			await expect(owner.join("cat")).rejects.toThrow();
			expect(await owner.commit(ann.edit(["x"], { revision: 4 }))).toMatch(
				/^INTERNAL/,
			);
			expect(await owner.text(OTHER)).toBe("b");
			expect(await owner.commit(ben.edit(["c"], { revision: 1 }))).toBe(
				"committed 2",
			);
		},
	);

	/** A document of four ops whose text is in a snapshot. */
	async function stored(): Promise<string> {
		const first = await open();
		await write(first, await first.join("ann"));
		const text = await first.text();
		await first.directory.close();
		await stores.close();
		return text;
	}

	it.each([
		["with another text", "update snapshots set text = 'x'"],
		["that is no JSON", "update snapshots set runs = '['"],
	])(
		"[DOC-26] a snapshot %s is passed over, said once, and replaced",
		async (_what, statement) => {
			const text = await stored();
			damage(statement);
			const owner = await open();
			expect(await owner.text()).toBe(text);
			expect(await owner.text()).toBe(text);
			expect(owner.logged).toEqual(["a damaged snapshot was passed over"]);
			await owner.directory.close();
			await stores.close();
			const next = await open();
			expect(await next.text()).toBe(text);
			expect(next.logged).toEqual([]);
		},
	);

	it("[DOC-18] a snapshot of what the log does not have makes it unavailable", async () => {
		await stored();
		damage("update documents set head = 3");
		const owner = await open();
		await expect(owner.join("cat")).rejects.toMatchObject({
			code: "INTERNAL",
			data: { reason: "corrupt" },
		});
	});
});
