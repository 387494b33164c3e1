import { describe, expect, it } from "@jest/globals";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab } from "../../support/documents-lab.ts";

const lab = (documentBytes: number) =>
	new DocumentsLab().owner({ documentBytes });

describe("a document near its size", () => {
	it("[DOC-16] refuses an insert over it and takes one that just fits", async () => {
		const owner = lab(10);
		const ann = await owner.join("ann");
		expect(await owner.commit(ann.edit(["12345678901"], { revision: 0 }))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		expect(await owner.commit(ann.edit(["1234567890"], { revision: 0 }))).toBe(
			"committed 1",
		);
		expect(await owner.commit(ann.edit(["1"], { revision: 1 }))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
	});

	it("[DOC-16] takes deletions, formatting, and inserts again behind them", async () => {
		const owner = lab(10);
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["1234567890"], { revision: 0 }));
		expect(await owner.commit(ann.edit([{ d: 3 }], { revision: 1 }))).toBe(
			"committed 2",
		);
		expect(await owner.commit(ann.edit(["1234"], { revision: 2 }))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		expect(await owner.commit(ann.edit(["123"], { revision: 2 }))).toBe(
			"committed 3",
		);
		expect(await owner.text()).toBe("1234567890");
	});

	it.each([
		["two bytes", "é", 2],
		["three bytes", "€", 3],
		["four bytes", "😀", 4],
	])(
		"[DOC-16] counts UTF-8 exactly: %s a character",
		async (_name, character, bytes) => {
			const owner = lab(10 * bytes);
			const ann = await owner.join("ann");
			await owner.submit(ann.edit([character.repeat(10)], { revision: 0 }));
			expect(await owner.commit(ann.edit(["x"], { revision: 1 }))).toBe(
				"PAYLOAD_TOO_LARGE",
			);
			expect(await owner.commit(ann.edit([{ d: 2 }], { revision: 1 }))).toBe(
				"committed 2",
			);
			const filling = "x".repeat(2 * bytes);
			expect(
				await owner.commit(ann.edit([`${filling}x`], { revision: 2 })),
			).toBe("PAYLOAD_TOO_LARGE");
			expect(await owner.commit(ann.edit([filling], { revision: 2 }))).toBe(
				"committed 3",
			);
		},
	);

	it("[DOC-16] an op that deletes as much as it inserts is an insert: it is refused", async () => {
		const owner = lab(4);
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["1234"], { revision: 0 }));
		expect(await owner.commit(ann.edit(["5", { d: 1 }], { revision: 1 }))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
	});

	it("[DOC-16] room that a deletion makes counts while it is on its way, and exactly once it is on disk", async () => {
		const owner = lab(8);
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		await owner.submit(ann.edit(["éééé"], { revision: 0 }));
		owner.line.holdsCommits = true;
		const deleted = owner.commit(ann.edit([{ d: 2 }], { revision: 1 }));
		const commit = await owner.line.nextCommit();
		const place = { revision: 1 };
		expect(await owner.commit(ben.edit(["1234"], place))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		// Of a character on its way out one byte is certain.
		const cat = await owner.join("cat");
		const some = owner.commit(cat.edit(["12"], place));
		await turns();
		await commit.succeed();
		await (await owner.line.nextCommit()).succeed();
		expect([await deleted, await some]).toEqual(["committed 2", "committed 3"]);
		owner.line.holdsCommits = false;
		expect(await owner.commit(ben.edit(["123"], place))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		expect(await owner.commit(ben.edit(["12"], place))).toBe("committed 4");
	});

	it("[DOC-16] what is on its way counts", async () => {
		const owner = lab(10);
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		owner.line.holdsCommits = true;
		const first = owner.commit(ann.edit(["123456"], { revision: 0 }));
		const commit = await owner.line.nextCommit();
		expect(await owner.commit(ben.edit(["12345"], { revision: 0 }))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		const fits = owner.commit(ben.edit(["1234"], { revision: 0 }));
		await turns();
		await commit.succeed();
		await (await owner.line.nextCommit()).succeed();
		expect([await first, await fits]).toEqual(["committed 1", "committed 2"]);
	});

	it("[DOC-16] counts the same after a reload, whatever was deleted", async () => {
		const world = new DocumentsLab();
		const owner = world.owner({ documentBytes: 10 });
		const ann = await owner.join("ann");
		const edits = [0, 1, 2].flatMap((i) => [
			ann.edit(["1234567890"], { revision: 2 * i }),
			ann.edit([{ d: 10 }], { revision: 2 * i + 1 }),
		]);
		for (const edit of edits) await owner.submit(edit);
		const next = world.owner({ documentBytes: 10 });
		const ben = await next.join("ben");
		expect(
			await outcomes(next.submit(ben.edit(["1234567890"], { revision: 6 }))),
		).toEqual(["committed 7"]);
	});
});

const mebi = 1_048_576;

/** Every other character gets a link of its own: as many runs as characters. */
const links = (count: number, chars: number) =>
	Array.from({ length: count }, (_, i) => [
		1,
		{ n: 1, a: { link: `https://example.org/${"x".repeat(chars)}${i}` } },
	]).flat();

describe("a document with much formatting", () => {
	it("[DOC-28] takes formatting up to its limit, then deletions only, and formatting again behind them", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["x".repeat(20_000)], { revision: 0 }));
		const format = (revision: number, skip: number) =>
			owner.commit({
				...ann.edit([], { revision }),
				edit: {
					form: "native",
					op: [],
					marks: [skip, ...links(100, 200)],
				},
			});
		let rev = 1;
		let answer = "";
		for (let skip = 1; rev < 60; rev++, skip += 201) {
			answer = await format(rev, skip);
			if (answer !== `committed ${rev + 1}`) break;
		}
		expect(answer).toBe("PAYLOAD_TOO_LARGE");
		const { runs } = await owner.directory.read(DOC);
		expect(JSON.stringify(runs).length).toBeLessThan(mebi);
		expect(JSON.stringify(runs).length).toBeGreaterThan(0.75 * mebi);
		const remove = ann.edit([{ d: 8_000 }], { revision: rev });
		expect(await owner.commit(remove)).toBe(`committed ${rev + 1}`);
		expect(await format(rev + 1, 1)).toBe(`committed ${rev + 2}`);
	});

	it("[DOC-28] is bounded although only text is typed into it, also after it was loaded anew", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		const heavy = Object.fromEntries(
			Array.from({ length: 16 }, (_, i) => [`k${i}`, "v".repeat(256)]),
		);
		await owner.submit({
			...ann.edit(["x".repeat(2_000)], { revision: 0 }),
			edit: {
				form: "native",
				op: ["x".repeat(2_000)],
				marks: [{ n: 2_000, a: heavy }],
			},
		});
		const next = lab.owner();
		const ben = await next.join("ben");
		const cuts = Array.from({ length: 400 }, () => [1, "y"]).flat();
		expect(await next.commit(ben.edit(cuts, { revision: 1 }))).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		const few = ben.edit(cuts.slice(0, 100), { revision: 1 });
		expect(await next.commit(few)).toBe("committed 2");
	});

	it("[DOC-28] who never formats is never measured", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 500, "xyz");
		expect(await owner.text()).toHaveLength(1_500);
	});
});
