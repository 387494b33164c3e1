import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { tokenFor } from "../support/product.ts";
import { connect } from "../support/raw-client.ts";
import { type Attacker, DOORS, enter, tokenOf } from "./message-attacker.ts";
import { atDoors, CANARY } from "./message-row.ts";
import { MessageRunner } from "./message-runner.ts";
import { MESSAGE_ROWS } from "./rows-messages.ts";

let runner: MessageRunner;
beforeAll(async () => {
	runner = await MessageRunner.open();
}, 20_000);
afterAll(() => runner.close());

const send = (attacker: Attacker, ...texts: readonly string[]) => {
	for (const text of texts) attacker.send({ text });
};
const times = (count: number, text: string) =>
	Array.from({ length: count }, () => text);

describe("JSON and envelope", () => {
	it.each(atDoors(MESSAGE_ROWS))(
		"[HOSTILE-20] row $row, $name ($door)",
		async (row) => runner.play(row),
	);

	it.each(DOORS)(
		"[HOSTILE-23] row 58, the 20th bad frame in 10 s, of whatever kind, is the last (%s)",
		async (door) => {
			const attacker = await enter(runner.product, door, tokenOf("mallory"));
			send(attacker, ...times(7, `{"a":"${CANARY}`));
			send(attacker, ...times(6, '{"type":"no:such:event"}'));
			send(attacker, ...times(6, '{"type":"presence:cursor","data":{}}'));
			await attacker.settled();
			expect(attacker.news()).toHaveLength(19);
			send(attacker, "[]", '{"type":"ping","id":"after"}');
			expect(await attacker.closed).toBe(4000);
			expect(attacker.news().slice(19)).toMatchObject([
				{ type: "error:protocol", data: { code: "VALIDATION_FAILED" } },
				...(door === "raw" ? [] : [{ type: "connection:closing" }]),
			]);
			expect(await runner.look()).toEqual([]);
		},
	);

	it.each(DOORS)(
		"[HOSTILE-23] row 79, refusals of good frames end nothing (%s)",
		async (door) => {
			const attacker = await enter(runner.product, door, tokenOf("mallory"));
			const leave = '{"type":"document:leave","data":{"prdId":"elsewhere"}}';
			send(attacker, ...times(30, leave));
			await attacker.settled();
			expect(attacker.news().map(({ data }) => data.code)).toEqual(
				times(30, "NOT_JOINED"),
			);
			attacker.close();
		},
	);

	it("[HOSTILE-20] row 66, an id that still waits for its answer is answered once, its second use refused", async () => {
		const client = await connect(runner.product.ws, {
			token: tokenOf("mallory"),
		});
		const join = { prdId: "of-mallory", mode: "edit" };
		client.send({ type: "document:join", id: "a", data: join });
		client.send({ type: "operation:edit", id: "a", data: {} });
		client.send({ type: "document:join", id: "a", data: join });
		await client.next("ack");
		await client.settled();
		const answers = client.frames.filter(({ id }) => id === "a");
		expect(answers).toMatchObject([
			{ type: "error:operation", data: { code: "VALIDATION_FAILED" } },
			{
				type: "error:operation",
				data: { code: "ALREADY_EXISTS", data: { field: "id" } },
			},
			{ type: "ack", data: { prdId: "of-mallory" } },
		]);
		await client.close();
	});

	it("[HOSTILE-20] row 71, others see a name without what hides or turns text", async () => {
		const docId = await runner.neighbour.document("hello");
		const token = tokenFor("mallory", {
			name: "\u202eA\u200b\u0000l\u2066ice\ufeff<b>",
			permissions: { [docId]: "view" },
		});
		const attacker = await enter(runner.product, "raw", token);
		await attacker.request("document:join", { prdId: docId, mode: "view" });
		const { session } = (await runner.neighbour.next("presence:joined")).data;
		expect(session).toMatchObject({ userName: "Alice<b>" });
		attacker.close();
		await runner.neighbour.next("presence:left");
	});

	it("[HOSTILE-20] row 72, the page runs no script but its own", async () => {
		const { headers } = await fetch(runner.product.url);
		const policy = headers.get("content-security-policy") ?? "";
		expect(policy).toMatch(/default-src 'self'|script-src 'self'/);
		expect(policy).not.toMatch(/script-src[^;]*unsafe/);
	});

	it("[HOSTILE-24] logs each refusal once, and nothing of what was sent", async () => {
		expect(await runner.strayLines()).toEqual([]);
	});
});
