import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Attacker, DOORS, enter, tokenOf } from "./message-attacker.ts";
import { atDoors } from "./message-row.ts";
import { MessageRunner } from "./message-runner.ts";
import { OPERATION_ROWS } from "./rows-operations.ts";

let runner: MessageRunner;
beforeAll(async () => {
	runner = await MessageRunner.open();
}, 20_000);
afterAll(() => runner.close());

const insert = (prdId: string, position: number, revision: number) => ({
	type: "operation:edit",
	data: {
		prdId,
		operation: { type: "insert", position, content: "x", revision },
	},
});

/** In a document with the text "hello", at revision 1. */
async function editor(
	door: (typeof DOORS)[number],
): Promise<{ readonly docId: string; readonly attacker: Attacker }> {
	const docId = await runner.neighbour.document("hello");
	const token = tokenOf("mallory", { [docId]: "edit" });
	const attacker = await enter(runner.product, door, token);
	await attacker.request("document:join", { prdId: docId, mode: "edit" });
	attacker.forget();
	return { docId, attacker };
}

/** Sends all of it at once; resolves with the answers, in the order of what was sent. */
const burst = (
	attacker: Attacker,
	frames: readonly ReturnType<typeof insert>[],
) => Promise.all(frames.map((frame) => attacker.ask(frame)));

/** How much has been committed in a document. */
async function revisionOf(docId: string): Promise<number> {
	const { revision } = await runner.neighbour.request("document:join", {
		prdId: docId,
		mode: "view",
	});
	return Number(revision);
}

describe("operations", () => {
	it.each(atDoors(OPERATION_ROWS))(
		"[HOSTILE-22] row $row, $name ($door)",
		async (row) => runner.play(row),
	);
});

describe("many operations at once", () => {
	it.each(DOORS)(
		"[HOSTILE-22] row 106, what was sent behind a refused one is refused too (%s)",
		async (door) => {
			const { docId, attacker } = await editor(door);
			const answers = await burst(attacker, [
				insert(docId, 0, 1),
				insert(docId, 1_000, 1),
				insert(docId, 0, 1),
			]);
			expect(answers.map((answer) => answer?.data)).toMatchObject([
				{ revision: 2 },
				{ code: "OPERATION_INVALID", data: { reason: "range" } },
				{ code: "RESYNC_REQUIRED", data: { reason: "refused" } },
			]);
			expect(await revisionOf(docId)).toBe(2);
			attacker.close();
		},
	);

	it.each(DOORS)(
		"[HOSTILE-22] row 107, of 500 each has one answer, and what was acknowledged is committed (%s)",
		async (door) => {
			const { docId, attacker } = await editor(door);
			const answers = await burst(
				attacker,
				Array.from({ length: 500 }, () => insert(docId, 0, 1)),
			);
			const refusals = answers.filter((answer) => answer?.type !== "ack");
			for (const refusal of refusals)
				expect(["RATE_LIMITED", "RESYNC_REQUIRED"]).toContain(
					refusal?.data.code,
				);
			const acks = answers.flatMap((answer) =>
				answer?.type === "ack" ? [answer.data.revision] : [],
			);
			expect(acks.length).toBeGreaterThan(0);
			expect(acks).toEqual(acks.map((_, i) => i + 2));
			expect(await revisionOf(docId)).toBe(acks.length + 1);
			await attacker.settled();
			attacker.close();
			expect(await runner.look()).toEqual([]);
		},
	);

	it.each(DOORS)(
		"[HOSTILE-22] row 112, edits that race a deletion are committed, or there is no document (%s)",
		async (door) => {
			const { docId, attacker } = await editor(door);
			const edits = burst(
				attacker,
				Array.from({ length: 40 }, () => insert(docId, 0, 1)),
			);
			const { status } = await fetch(
				`${runner.product.url}/api/documents/${docId}`,
				{
					method: "DELETE",
					headers: { authorization: `Bearer ${tokenOf("neighbour")}` },
				},
			);
			expect(status).toBe(204);
			for (const answer of await edits)
				if (answer?.type !== "ack")
					expect(["NOT_FOUND", "NOT_JOINED"]).toContain(answer?.data.code);
			await attacker.until(({ type }) => type === "document:deleted");
			const late = await attacker.ask(insert(docId, 0, 1));
			expect(late?.data).toMatchObject({ code: "NOT_JOINED" });
			attacker.close();
			expect(await runner.look()).toEqual([]);
		},
	);
});

describe("a long history", () => {
	const LENGTH = 10_001;
	let docId: string;
	beforeAll(async () => {
		docId = await runner.neighbour.document("hello");
		await runner.neighbour.request("room:invite", {
			room: docId,
			userId: "mallory",
			role: "edit",
		});
		await runner.neighbour.write(docId, LENGTH);
	}, 120_000);

	it.each(DOORS)(
		"[HOSTILE-22] row 99, a base of 10,001 operations ago is out of reach (%s)",
		async (door) => {
			const attacker = await enter(runner.product, door, tokenOf("mallory"));
			await attacker.request("document:join", { prdId: docId, mode: "edit" });
			attacker.forget();
			const answer = await attacker.ask(insert(docId, 0, 1));
			expect(answer?.data).toMatchObject({
				code: "RESYNC_REQUIRED",
				data: { reason: "horizon", revision: LENGTH + 1 },
			});
			attacker.close();
		},
	);

	it.each(DOORS)(
		"[HOSTILE-22] row 110, who asks for all of it gets the text (%s)",
		async (door) => {
			const attacker = await enter(runner.product, door, tokenOf("mallory"));
			const ask = { prdId: docId, mode: "edit", lastKnownRevision: 0 };
			for (let i = 0; i < 20; i++)
				expect(await attacker.request("document:join", ask)).toMatchObject({
					recovered: false,
					revision: LENGTH + 1,
				});
			attacker.close();
			expect(await runner.look()).toEqual([]);
		},
	);
});

describe("the log", () => {
	it("[HOSTILE-24] has each refusal once, and nothing of what was sent", async () => {
		expect(await runner.strayLines()).toEqual([]);
	});
});
