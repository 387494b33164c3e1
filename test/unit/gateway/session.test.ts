import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { GatewayLab } from "../../support/gateway-lab.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open();
});
afterEach(() => lab.close());

const iso = (ms: number): string => new Date(ms).toISOString();
/** Moves the clock in steps, as the wheel sees it. */
const pass = (ms: number): void => lab.clock.advance(ms);

describe("a session", () => {
	it("[SES-12] is pinged every 25 s, and closed with 4212 after 20 s more without any frame", async () => {
		const client = await lab.enter("ann");
		pass(25_000);
		await once(client.socket, "ping");
		await client.settled();
		pass(24_500);
		await client.settled();
		client.socket.pause();
		pass(25_000);
		client.socket.resume();
		const end = await client.closed;
		expect(end).toEqual({ code: 4212, reason: "heartbeat missed" });
	});

	it("[SES-12] any frame of the client counts as a heartbeat", async () => {
		const client = await lab.enter("ann");
		for (let i = 0; i < 8; i++) {
			pass(15_000);
			await client.settled();
		}
	});

	it("[SES-12] whose reading is paused is not silent", async () => {
		const client = await lab.enter("ann");
		const [session] = lab.gateway.sessions.all;
		session?.pauseReading();
		for (let i = 0; i < 8; i++) pass(15_000);
		await once(client.socket, "ping");
		session?.resumeReading();
		await client.settled();
	});

	it("[SES-13] is told 60 s before its token expires, and closed with 4109 within 1 s after", async () => {
		const exp = lab.clock.nowMs() / 1000 + 90;
		const client = await lab.enter("ann", { exp });
		pass(29_500);
		await client.settled();
		expect(client.of("auth:expiring")).toEqual([]);
		pass(500);
		expect((await client.next("auth:expiring")).data).toEqual({
			tokenExpiresAt: iso(exp * 1000),
		});
		await client.settled();
		pass(25_000);
		await client.settled();
		pass(34_500);
		await client.settled();
		expect(client.of("auth:expiring")).toHaveLength(1);
		pass(1_000);
		expect((await client.closed).code).toBe(4109);
	});

	it("[SES-13] is told at once when less than 60 s are left", async () => {
		const exp = lab.clock.nowMs() / 1000 + 30;
		const client = await lab.enter("ann", { exp });
		await client.next("auth:expiring");
	});

	it("[SES-14] goes on with a newer token of the same person", async () => {
		const exp = lab.clock.nowMs() / 1000 + 30;
		const client = await lab.enter("ann", { exp });
		const answer = await client.request("auth:refresh", {
			token: lab.token("ann"),
		});
		expect(answer).toMatchObject({ type: "ack", data: {} });
		pass(24_000);
		await client.settled();
		pass(20_000);
		await client.settled();
	});

	it("[SES-14] fewer rights apply at once", async () => {
		const client = await lab.enter("ann");
		for (const prdId of ["d1", "d2", "d3"])
			await client.request("document:join", { prdId, mode: "edit" });
		const permissions = { d1: "view", d2: "edit" };
		const token = lab.token("ann", { permissions });
		await client.request("auth:refresh", { token });
		await client.settled();
		expect(client.of("permission:changed").map(({ data }) => data)).toEqual([
			{ prdId: "d1", mode: "view", reason: "token" },
			{ prdId: "d2", mode: "edit", reason: "token" },
			{ prdId: "d3", mode: null, reason: "token" },
		]);
		const edit = (room: string) =>
			client.request(
				"document:update",
				{ operation: "insert", position: 0, text: "x", version: 0 },
				{ room },
			);
		expect((await edit("d1")).data).toMatchObject({ code: "FORBIDDEN" });
		expect((await edit("d2")).type).toBe("ack");
		expect((await edit("d3")).data).toMatchObject({ code: "NOT_JOINED" });
		await client.request("auth:refresh", { token: lab.token("ann") });
		await client.settled();
		expect((await edit("d1")).type).toBe("ack");
	});

	it("[SES-15] a token of somebody else ends it with 4100, and alerts all sessions of the user", async () => {
		const client = await lab.enter("ann");
		const other = await lab.enter("ann");
		const stranger = await lab.enter("bob");
		client.send({ type: "auth:refresh", data: { token: lab.token("bob") } });
		expect((await client.closed).code).toBe(4100);
		const alert = {
			type: "suspicious_activity",
			message: expect.any(String),
			action: "session_terminated",
		};
		expect(client.of("security:alert")).toMatchObject([{ data: alert }]);
		expect((await other.next("security:alert")).data).toEqual(alert);
		await stranger.settled();
		expect(stranger.of("security:alert")).toEqual([]);
	});

	it("[SES-15] five failed refreshes in 60 s end it, four do not", async () => {
		const client = await lab.enter("ann");
		const fail = () => client.request("auth:refresh", { token: "bad" });
		for (let i = 0; i < 4; i++)
			expect(await fail()).toMatchObject({
				type: "error:auth",
				data: { code: "UNAUTHENTICATED", data: { reason: "invalid_token" } },
			});
		for (let i = 0; i < 4; i++) {
			pass(15_000);
			await client.settled();
		}
		for (let i = 0; i < 4; i++) await fail();
		client.send({ type: "auth:refresh", data: { token: "bad" } });
		expect((await client.closed).code).toBe(4100);
	});

	it("[SES-8] is greeted once", async () => {
		const client = await lab.enter("ann");
		const answer = await client.request("auth", { token: lab.token("ann") });
		expect(answer).toMatchObject({
			type: "error:auth",
			data: { code: "INVALID_STATE" },
		});
	});

	it("[SES-16] costs no timer: one wheel turns for all, and stands still without any", async () => {
		const before = lab.clock.waiting;
		for (const user of ["ann", "bob", "cy"]) await lab.enter(user);
		expect(lab.clock.waiting).toBe(before + 1);
		for (const client of lab.clients) await client.close();
		await lab.editor("dan", "d1");
		expect(lab.gateway.sessions.all.size).toBe(1);
	});
});

describe("draining", () => {
	it("[SES-17] tells everybody, waits for answers, closes 1012 and takes nobody in", async () => {
		const ann = await lab.editor("ann", "d1");
		const idle = await lab.enter("bob");
		const hold = Promise.withResolvers<void>();
		lab.backend.answer = (submission) => {
			lab.backend.answer = undefined;
			return hold.promise.then(() => lab.backend.submit(submission));
		};
		const answer = ann.request("document:update", {
			prdId: "d1",
			operation: "insert",
			position: 0,
			text: "x",
			version: 0,
		});
		await ann.settled();
		const drained = lab.door.drain(9_000);
		for (const client of [ann, idle])
			expect((await client.next("system:draining")).data).toEqual({
				retryAfter: 3,
			});
		await expect(lab.enter("cy")).rejects.toMatchObject({ status: 503 });
		hold.resolve();
		expect((await answer).type).toBe("ack");
		await ann.closed.then(({ code }) => expect(code).toBe(1012));
		lab.clock.advance(50);
		expect((await idle.closed).code).toBe(1012);
		await drained;
	});

	it("[SES-17] ends by its limit, whatever is still open", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.backend.answer = () => new Promise(() => {});
		ann.send({
			type: "document:update",
			room: "d1",
			data: { operation: "insert", position: 0, text: "x", version: 0 },
		});
		await ann.settled();
		ann.socket.pause();
		const drained = lab.door.drain(9_000);
		lab.clock.advance(3_000);
		await new Promise<void>((resolve) => setImmediate(resolve));
		lab.clock.advance(3_000);
		await drained;
		expect(lab.door.size).toBe(0);
	});
});
