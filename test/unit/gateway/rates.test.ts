import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { RATES } from "../../../src/protocol/rates.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { Frame, RawClient } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open({}, {}, true);
});
afterEach(() => lab.close());

const { join, edit, control } = RATES;
const joinDoc = (client: RawClient, prdId = "d1", data: object = {}) =>
	client.request("document:join", { prdId, mode: "edit", ...data });
const write = (client: RawClient, revision: number) =>
	client.request("operation:edit", {
		prdId: "d1",
		operation: { type: "insert", position: 0, content: "x", revision },
	});
const codesOf = (answers: readonly Frame[]) =>
	answers.map(({ type, data }) => (type === "ack" ? "ok" : data.code));
const countOf = (answers: readonly Frame[], code: string) =>
	codesOf(answers).filter((one) => one === code).length;
/** So many edits in one go, without waiting. */
const burst = async (client: RawClient, count: number, from = 0) => {
	const answers: Frame[] = [];
	for (let sent = 0; sent < count; sent += 50)
		answers.push(
			...(await Promise.all(
				Array.from({ length: Math.min(50, count - sent) }, (_, i) =>
					write(client, from + sent + i),
				),
			)),
		);
	return answers;
};

describe("the rates of a session", () => {
	it("[RATE-2] are announced by event", async () => {
		const ann = await lab.connect({ token: lab.token("ann") });
		const { data } = await ann.next("session:ready");
		const { rates } = data.limits as { rates: Record<string, unknown> };
		expect(rates["operation:edit"]).toEqual({
			capacity: 1_000,
			perSecond: 200,
		});
		expect(rates["document:join"]).toEqual({
			capacity: 10,
			perSecond: 1 / 6,
		});
		expect(rates["document:leave"]).toEqual(control);
	});

	it("[RATE-3] a request over its rate is RATE_LIMITED with rate_limit:exceeded, and is taken after that time", async () => {
		const ann = await lab.enter("ann");
		const answers: Frame[] = [];
		for (let i = 0; i <= join.capacity; i++) answers.push(await joinDoc(ann));
		expect(countOf(answers, "ok")).toBe(join.capacity);
		expect(answers.at(-1)).toMatchObject({
			type: "error:operation",
			data: {
				operation: "document:join",
				code: "RATE_LIMITED",
				retryable: true,
				retryAfterMs: 6_000,
			},
		});
		expect((await ann.next("rate_limit:exceeded")).data).toEqual({
			endpoint: "document:join",
			retryAfter: 6,
		});
		lab.clock.advance(5_999);
		expect((await joinDoc(ann)).data.code).toBe("RATE_LIMITED");
		lab.clock.advance(1);
		expect((await joinDoc(ann)).type).toBe("ack");
	});

	it("[RATE-3] joins are counted by document, and other sessions have their own", async () => {
		const ann = await lab.enter("ann");
		for (let i = 0; i < join.capacity; i++) await joinDoc(ann);
		expect((await joinDoc(ann, "d2")).type).toBe("ack");
		lab.member("d1", "bob", "edit");
		expect((await joinDoc(await lab.enter("bob"))).type).toBe("ack");
		expect((await joinDoc(ann)).type).not.toBe("ack");
	});

	it("[RATE-4] warns once per refill window, at the request that leaves 20 % or less", async () => {
		const ann = await lab.enter("ann");
		for (let i = 0; i < 7; i++) await joinDoc(ann);
		expect(ann.of("rate_limit:warning")).toEqual([]);
		await joinDoc(ann);
		const resetAt = new Date(lab.clock.nowMs() + 8 * 6_000).toISOString();
		expect(ann.of("rate_limit:warning").map(({ data }) => data)).toEqual([
			{ endpoint: "document:join", remaining: 2, resetAt },
		]);
		await joinDoc(ann);
		lab.clock.advance(6_000);
		await joinDoc(ann);
		expect(ann.of("rate_limit:warning")).toHaveLength(1);
		for (let seconds = 0; seconds < 42; seconds += 14) {
			lab.clock.advance(14_000);
			await ann.settled();
		}
		for (let i = 0; i < 7; i++) await joinDoc(ann);
		expect(ann.of("rate_limit:warning")).toHaveLength(2);
	});

	it("[RATE-5] the charge comes before any other check, under the id of the request alone", async () => {
		const ann = await lab.enter("ann");
		const bad = { prdId: "d1", mode: "owner" };
		const answers: Frame[] = [];
		for (let i = 0; i < control.capacity + 1; i++)
			answers.push(await ann.request("document:leave", { prdId: "d1" }));
		expect(codesOf(answers.slice(-2))).toEqual(["NOT_JOINED", "RATE_LIMITED"]);
		for (let i = 0; i < join.capacity; i++) await joinDoc(ann, "d1");
		const last = await ann.request("document:join", bad);
		expect(last.data.code).toBe("VALIDATION_FAILED");
		expect((await joinDoc(ann)).data.code).toBe("RATE_LIMITED");
		expect(ann.socket.readyState).toBe(1);
	});

	it("[RATE-6] 64 edits in flight and a burst of 1,000 pass; then a second is closed to all that were sent on", async () => {
		const ann = await lab.editor("ann", "d1");
		const passed = await burst(ann, edit.capacity);
		expect(countOf(passed, "ok")).toBe(edit.capacity);
		const refused = await write(ann, edit.capacity);
		expect(refused.data).toMatchObject({
			code: "RATE_LIMITED",
			retryAfterMs: 1_000,
		});
		lab.clock.advance(900);
		expect((await write(ann, edit.capacity)).data).toMatchObject({
			code: "RATE_LIMITED",
			retryAfterMs: 100,
		});
		lab.clock.advance(100);
		expect(countOf(await burst(ann, 200, edit.capacity), "ok")).toBe(200);
		expect(lab.backend.submitted).toHaveLength(edit.capacity + 200);
	});

	it("[RATE-7] a session over its rates for 10 s without a second's pause is closed with 4213", async () => {
		const ann = await lab.editor("ann", "d1");
		for (let i = 1; i < join.capacity; i++) await joinDoc(ann);
		const stretch = async (ms: number) => {
			for (let t = 0; t < ms; t += 250) {
				await joinDoc(ann);
				lab.clock.advance(250);
			}
		};
		await stretch(9_500);
		lab.clock.advance(1_000);
		await stretch(10_000);
		ann.send({ type: "document:join", data: { prdId: "d1", mode: "edit" } });
		expect((await ann.closed).code).toBe(4213);
		const logged = lab.lines.filter(({ code }) => code === "RATE_LIMITED");
		expect(logged.map(({ suppressed }) => suppressed)).toEqual([
			undefined,
			36,
			37,
		]);
		const { data } = ann.of("rate_limit:exceeded").at(-1) as Frame;
		expect(data).toEqual({ endpoint: "document:join", retryAfter: 10 });
	});

	it("[RATE-8] of several writers of one document who has sent most is UNAVAILABLE first", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		const cy = await lab.editor("cy", "d1");
		const heavy = await burst(ann, 1_000);
		expect(countOf(heavy, "ok")).toBe(1_000);
		const next = await burst(bob, 400, 1_000);
		expect(countOf(next, "ok")).toBeLessThan(300);
		expect(next.at(-1)?.data).toMatchObject({
			code: "UNAVAILABLE",
			retryable: true,
			retryAfterMs: 1_000,
			data: { limit: "document" },
		});
		const head = 1_000 + countOf(next, "ok");
		expect(countOf(await burst(cy, 50, head), "ok")).toBe(50);
		expect(bob.of("rate_limit:exceeded")).toEqual([]);
	}, 20_000);

	it("[RATE-8] one person has a bounded number of sessions in one document", async () => {
		const sessions = await Promise.all(
			Array.from({ length: 11 }, () => lab.enter("ann")),
		);
		const answers: Frame[] = [];
		for (const session of sessions) answers.push(await joinDoc(session));
		expect(countOf(answers, "ok")).toBe(10);
		expect(answers.at(-1)?.data).toMatchObject({
			code: "RATE_LIMITED",
			data: { limit: "sessionsPerDocument", max: 10 },
		});
		expect(sessions.at(-1)?.of("rate_limit:exceeded")).toEqual([]);
	});

	it("[RATE-9] off: nothing is refused for coming too often, and none is announced", async () => {
		await lab.close();
		lab = await GatewayLab.open();
		const ann = await lab.connect({ token: lab.token("ann") });
		const { data } = await ann.next("session:ready");
		expect(data.limits).toMatchObject({ rates: {}, frameBytes: 262_144 });
		const answers: Frame[] = [];
		for (let i = 0; i < 30; i++) answers.push(await joinDoc(ann));
		expect(countOf(answers, "ok")).toBe(30);
	});
});
