import { once } from "node:events";
import {
	afterAll,
	afterEach,
	beforeAll,
	describe,
	expect,
	it,
} from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
const sockets: SocketioClient[] = [];
let product: Product;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
});
afterEach(() => {
	for (const { socket } of sockets.splice(0)) socket.disconnect();
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const NAMES: Readonly<Record<string, string>> = {
	user_123: "John Doe",
	user_456: "Sarah Smith",
};
const token = (id: string, claims = {}) =>
	tokenFor(id, { name: NAMES[id] ?? id, ...claims });
const person = async (id: string, claims = {}): Promise<RawClient> => {
	const client = await connect(product.ws, { token: token(id, claims) });
	await client.next("session:ready");
	return client;
};
const overSocketio = async (id: string): Promise<SocketioClient> => {
	const auth = { token: token(id) };
	const client = new SocketioClient(`${product.url}/ws`, { auth });
	sockets.push(client);
	await client.next("session:ready");
	return client;
};

/** Before the service looks around by itself. */
const AT_ONCE_MS = 15_000;

const dataOf = ({ data }: Frame) => data;
const code = async (answer: Promise<Frame>) => (await answer).data.code;
const newId = (): string => `prd_123.${++names}`;

/** John's document, in which something is written, and John in it. */
async function document() {
	const prdId = newId();
	const john = await person("user_123");
	await john.request("document:join", { prdId, mode: "edit" });
	await write(john, prdId, 0, "Log in by OAuth2.");
	return { prdId, john };
}

const write = (
	who: RawClient,
	prdId: string,
	revision: number,
	content: string,
) =>
	who.request("operation:edit", {
		prdId,
		operation: { type: "insert", position: 0, content, revision },
	});

const seedRequest = (prdId: string) => ({
	prdId,
	version: "1.3.0",
	approvers: ["user_456", "user_789"],
	message: "Please review the OAuth2 requirements",
});

/** An approval of John's document that Sarah and Tom are asked for, with its id. */
async function asked(fields = {}) {
	const { prdId, john } = await document();
	const request = { ...seedRequest(prdId), ...fields };
	const { approvalId } = dataOf(
		await john.request("approval:request", request),
	);
	return { prdId, john, named: { approvalId } };
}

const listed = async (who: RawClient, prdId: string) =>
	dataOf(await who.request("approval:list", { prdId })).approvals as Record<
		string,
		unknown
	>[];

async function rest(path: string, id: string) {
	const response = await fetch(`${product.url}/api/documents/${path}`, {
		headers: { authorization: `Bearer ${token(id)}` },
	});
	return { status: response.status, json: await response.json() };
}

describe("the approval workflow of the API seed", () => {
	it("[APPROVAL-1] over the raw door: approval:request as printed reaches the approvers as approval:requested", async () => {
		const { prdId, john } = await document();
		const sarah = await person("user_456");
		john.send({
			type: "approval:request",
			data: {
				prdId,
				version: "1.3.0",
				approvers: ["user_456", "user_789"],
				message: "Please review the OAuth2 requirements",
			},
		});
		expect(dataOf(await sarah.next("approval:requested"))).toEqual({
			prdId,
			version: "1.3.0",
			requester: {
				id: "user_123",
				name: "John Doe",
			},
			message: "Please review the OAuth2 requirements",
			// What the seed leaves open:
			approvalId: expect.stringMatching(/^approval_/),
			contentHash: expect.stringMatching(/^[0-9a-f]{40}$/),
			approvers: ["user_456", "user_789"],
			policy: "all",
			requestedAt: expect.stringMatching(/^\d{4}-.*Z$/),
		});
		const frame = await john.next("approval:requested");
		expect(frame.room).toBe(prdId);
		await john.settled();
		expect(john.of("approval:requested")).toHaveLength(1);
		expect(john.of("error:approval")).toEqual([]);
		// The version was made from the head by the request.
		expect(dataOf(await john.next("version:created"))).toMatchObject({
			prdId,
			version: "1.3.0",
			revision: 1,
		});
	});

	it("[APPROVAL-1] over Socket.IO: approval:request as printed reaches the approvers as approval:requested", async () => {
		const { prdId } = await document();
		const socket = await overSocketio("user_123");
		const [sarah, tom] = [
			await overSocketio("user_456"),
			await overSocketio("user_789"),
		];
		socket.socket.emit("approval:request", {
			prdId,
			version: "1.3.0",
			approvers: ["user_456", "user_789"],
			message: "Please review the OAuth2 requirements",
		});
		for (const approver of [sarah, tom])
			expect(dataOf(await approver.next("approval:requested"))).toMatchObject({
				prdId,
				version: "1.3.0",
				requester: {
					id: "user_123",
					name: "John Doe",
				},
				message: "Please review the OAuth2 requirements",
			});
		// The requester too, joined or not.
		const { approvalId } = dataOf(await socket.next("approval:requested"));
		expect(await sarah.request("approval:grant", { approvalId })).toMatchObject(
			{
				ok: true,
				data: { prdId, approver: { id: "user_456", name: "Sarah Smith" } },
			},
		);
		expect(await sarah.request("approval:grant", { approvalId })).toMatchObject(
			{
				ok: false,
				error: { code: "INVALID_STATE", operation: "approval:grant" },
			},
		);
		await sarah.next("error:approval");
	});

	it("[APPROVAL-1] 'approval:granted', as the seed lists it, tells of each grant, and approval:completed of the last", async () => {
		const { prdId, john, named } = await asked();
		const [sarah, tom] = [await person("user_456"), await person("user_789")];
		const comment = "Good, but name the provider";
		const granted = dataOf(
			await sarah.request("approval:grant", { ...named, comment }),
		);
		expect(granted).toEqual({
			...named,
			prdId,
			version: "1.3.0",
			approver: { id: "user_456", name: "Sarah Smith" },
			comment,
			decidedAt: expect.stringMatching(/Z$/),
		});
		expect(dataOf(await john.next("approval:granted"))).toEqual(granted);
		await tom.request("approval.grant", named);
		const outcome = { ...named, prdId, version: "1.3.0", outcome: "approved" };
		for (const who of [john, sarah, tom])
			expect(dataOf(await who.next("approval:completed"))).toMatchObject(
				outcome,
			);
		const order = john.frames.map(({ type }) => type);
		expect(order.slice(-3)).toEqual([
			"approval:granted",
			"approval:granted",
			"approval:completed",
		]);
	});
});

describe("who decides and who hears", () => {
	it("[APPROVAL-2] named approvers alone, once, without a role in the document", async () => {
		const { prdId, john, named } = await asked({ policy: { quorum: 1 } });
		const [sarah, eve] = [await person("user_456"), await person("eve")];
		expect(await code(eve.request("approval:grant", named))).toBe("FORBIDDEN");
		expect(await code(john.request("approval:reject", named))).toBe(
			"FORBIDDEN",
		);
		await sarah.request("approval:reject", named);
		expect(await code(sarah.request("approval:grant", named))).toBe(
			"INVALID_STATE",
		);
		const none = { approvalId: "approval_none" };
		expect(await code(eve.request("approval:grant", none))).toBe("NOT_FOUND");
		const tom = await person("user_789");
		await tom.request("approval:grant", named);
		expect(await code(tom.request("approval:grant", named))).toBe(
			"INVALID_STATE",
		);
		const [approval] = await listed(john, prdId);
		expect(approval).toMatchObject({
			state: "approved",
			decisions: [
				{ approver: { id: "user_456" }, verdict: "rejected" },
				{ approver: { id: "user_789" }, verdict: "granted" },
			],
		});
	});

	it("[APPROVAL-15] being asked opens nothing", async () => {
		const { prdId, named } = await asked();
		const sarah = await person("user_456");
		const join = { prdId, mode: "view", create: false };
		expect(await code(sarah.request("document:join", join))).toBe("FORBIDDEN");
		expect(await code(sarah.request("approval:list", { prdId }))).toBe(
			"FORBIDDEN",
		);
		expect(
			await code(sarah.request("approval:request", seedRequest(prdId))),
		).toBe("FORBIDDEN");
		const elsewhere = await person("user_456", {
			permissions: { other: "edit" },
		});
		expect(await code(elsewhere.request("approval:grant", named))).toBe(
			"FORBIDDEN",
		);
		expect(await code(sarah.request("approval:cancel", named))).toBe(
			"FORBIDDEN",
		);
	});

	it("[APPROVAL-13] all sessions of requester and approvers, joined or not, and the room; each once", async () => {
		const { prdId, john } = await document();
		const invite = { room: prdId, userId: "user_456", role: "comment" };
		await john.request("room:invite", invite);
		await john.request("room:invite", { ...invite, userId: "kim" });
		const join = { prdId, mode: "view" };
		const [joined, sarah, kim, elsewhere, eve] = [
			await person("user_456"),
			await person("user_456"),
			await person("kim"),
			await person("user_123"),
			await person("eve"),
		];
		await joined.request("document:join", join);
		await kim.request("document:join", join);
		const { approvalId } = dataOf(
			await john.request("approval:request", seedRequest(prdId)),
		);
		await sarah.request("approval:reject", { approvalId });
		const hearers = [john, joined, sarah, kim, elsewhere];
		for (const who of hearers) {
			await who.next("approval:completed");
			await who.settled();
			for (const event of ["requested", "rejected", "completed"])
				expect(who.of(`approval:${event}`)).toHaveLength(1);
		}
		expect(dataOf(await kim.next("approval:rejected"))).toMatchObject({
			approvalId,
			approver: { id: "user_456" },
		});
		await eve.settled();
		expect(
			eve.frames.filter(({ type }) => type.startsWith("approval")),
		).toEqual([]);
	});

	it("[APPROVAL-5] the requester cancels, and everybody concerned hears why", async () => {
		const { prdId, john, named } = await asked();
		const sarah = await person("user_456");
		const comment = "Too early";
		await john.request("approval:cancel", { ...named, comment });
		expect(dataOf(await sarah.next("approval:cancelled"))).toMatchObject({
			...named,
			prdId,
			cancelledBy: { id: "user_123", name: "John Doe" },
			comment,
		});
		expect(dataOf(await sarah.next("approval:completed"))).toMatchObject({
			outcome: "cancelled",
		});
		expect(await code(sarah.request("approval:grant", named))).toBe(
			"INVALID_STATE",
		);
		expect((await listed(john, prdId))[0]).toMatchObject({
			state: "cancelled",
			cancelled: { by: { id: "user_123" }, comment },
		});
	});

	it(
		"[APPROVAL-8] a newer version supersedes what is pending, and the hash stays that of the version",
		async () => {
			const { prdId, john, named } = await asked();
			const sarah = await person("user_456");
			await write(john, prdId, 1, "More. ");
			const [before] = await listed(john, prdId);
			expect(before?.state).toBe("pending");
			await john.request("version:create", { prdId, bump: "minor" });
			expect(dataOf(await sarah.next("approval:completed"))).toMatchObject({
				...named,
				outcome: "superseded",
				contentHash: before?.contentHash,
			});
			const [, older] = [
				dataOf(
					await john.request("approval:request", {
						...seedRequest(prdId),
						version: "1.4.0",
					}),
				),
				await john.request("approval:request", seedRequest(prdId)),
			];
			expect(dataOf(older).code).toBe("INVALID_STATE");
			const [latest] = await listed(john, prdId);
			expect(latest).toMatchObject({ version: "1.4.0", state: "pending" });
			expect(latest?.contentHash).not.toBe(before?.contentHash);
		},
		AT_ONCE_MS,
	);
});

describe("what is asked", () => {
	const wrong: readonly (readonly [string, object])[] = [
		["approvers", { approvers: [] }],
		["approvers", { approvers: ["bob", "bob"] }],
		["approvers", { approvers: Array.from({ length: 51 }, (_, i) => `u${i}`) }],
		["approvers[0]", { approvers: ["a~b"] }],
		["approvers", { approvers: "bob" }],
		["message", { message: "m".repeat(2_001) }],
		["message", { message: "\0" }],
		["message", { message: "\ud800" }],
		["policy", { policy: "most" }],
		["policy", { policy: { quorum: 3 } }],
		["policy", { policy: { quorum: 0 } }],
		["policy", { policy: { quorum: 1.5 } }],
		["policy", { policy: null }],
		["dueAt", { dueAt: "2020-01-01T00:00:00Z" }],
		["dueAt", { dueAt: "2100-01-01T00:00:00Z" }],
		["dueAt", { dueAt: "2027-02-30T00:00:00Z" }],
		["dueAt", { dueAt: "tomorrow" }],
		["dueAt", { dueAt: 1_900_000_000_000 }],
		["version", { version: "next" }],
		["version", { version: "" }],
	];

	it("[APPROVAL-14] must be within its bounds; a refusal names the field, and nothing is made", async () => {
		const { prdId, john } = await document();
		for (const [field, fields] of wrong) {
			const request = { ...seedRequest(prdId), ...fields };
			// A connection that sends many of them is closed.
			const again = await person("user_123");
			const answer = await again.request("approval:request", request);
			await again.close();
			const { code, data = {} } = dataOf(answer) as {
				code: string;
				data?: object;
			};
			expect([fields, code, data]).toEqual([
				fields,
				"VALIDATION_FAILED",
				expect.objectContaining({
					field: expect.stringContaining(field.split("[", 1)[0] ?? ""),
				}),
			]);
		}
		expect(await listed(john, prdId)).toEqual([]);
		const { versions } = dataOf(await john.request("version:list", { prdId }));
		expect(versions).toEqual([]);
		const most = {
			approvers: Array.from({ length: 50 }, (_, i) => `u${i}`),
			message: "😀".repeat(1_000),
			policy: { quorum: 50 },
			dueAt: new Date(Date.now() + 360 * 86_400_000).toISOString(),
		};
		const request = { ...seedRequest(prdId), ...most };
		expect(
			dataOf(await john.request("approval:request", request)),
		).toMatchObject(most);
	});

	it("[APPROVAL-1] is about a document that exists", async () => {
		const john = await person("user_123");
		const nowhere = seedRequest(newId());
		expect(await code(john.request("approval:request", nowhere))).toBe(
			"NOT_FOUND",
		);
		const room = newId();
		await john.request("room:create", { room, visibility: "private" });
		expect(
			await code(john.request("approval:request", seedRequest(room))),
		).toBe("NOT_FOUND");
	});

	it("[APPROVAL-10] is listed over HTTP as over the socket, page by page, for those who may see the document", async () => {
		const { prdId, john } = await asked();
		for (let i = 0; i < 2; i++)
			await john.request("approval:request", seedRequest(prdId));
		const all = await listed(john, prdId);
		expect(all).toHaveLength(3);
		const whole = await rest(`${prdId}/approvals`, "user_123");
		expect(whole).toEqual({ status: 200, json: { approvals: all } });
		const first = await rest(`${prdId}/approvals?limit=2`, "user_123");
		expect(first.json.approvals).toEqual(all.slice(0, 2));
		const { nextCursor } = first.json;
		const rest2 = `${prdId}/approvals?limit=2&cursor=${nextCursor}`;
		expect((await rest(rest2, "user_123")).json).toEqual({
			approvals: all.slice(2),
		});
		expect((await rest(`${prdId}/approvals`, "user_456")).status).toBe(403);
		expect((await rest(`${newId()}/approvals`, "user_123")).status).toBe(404);
		for (const query of ["limit=0", "limit=x", "limit=101", "cursor=x"])
			expect(
				(await rest(`${prdId}/approvals?${query}`, "user_123")).status,
			).toBe(422);
	});
});

describe("time and restarts", () => {
	it(
		"[APPROVAL-7] an approval expires when it is due, while everybody watches",
		async () => {
			const { prdId, john } = await document();
			const sarah = await person("user_456");
			const dueAt = new Date(Date.now() + 1_500).toISOString();
			const request = { ...seedRequest(prdId), dueAt };
			const { approvalId } = dataOf(
				await john.request("approval:request", request),
			);
			const named = { approvalId };
			expect(dataOf(await sarah.next("approval:completed"))).toMatchObject({
				...named,
				outcome: "expired",
				completedAt: dueAt,
			});
			expect(await code(sarah.request("approval:grant", named))).toBe(
				"INVALID_STATE",
			);
			expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(dueAt));
			await john.next("approval:completed");
		},
		AT_ONCE_MS,
	);

	it("[APPROVAL-11] a kill in the middle loses no decision, and what has become due meanwhile is expired at the start", async () => {
		const dir = createDataDir();
		const before = await Product.start(dir.path);
		const dial = (at: Product, id: string) =>
			connect(at.ws, { token: token(id) });
		const prdId = newId();
		const john = await dial(before, "user_123");
		await john.request("document:join", { prdId, mode: "edit" });
		await write(john, prdId, 0, "Text");
		const dueAtMs = Date.now() + 2_000;
		const ids: unknown[] = [];
		for (const fields of [{}, { dueAt: new Date(dueAtMs).toISOString() }]) {
			const request = { ...seedRequest(prdId), ...fields };
			ids.push(
				dataOf(await john.request("approval:request", request)).approvalId,
			);
		}
		const sarah = await dial(before, "user_456");
		await sarah.request("approval:grant", { approvalId: ids[0] });
		await sarah.request("approval:grant", { approvalId: ids[1] });
		await before.kill();
		await once(AbortSignal.timeout(Math.max(1, dueAtMs - Date.now())), "abort");
		const after = await Product.start(dir.path);
		const johnAgain = await dial(after, "user_123");
		expect(await listed(johnAgain, prdId)).toMatchObject([
			{ approvalId: ids[1], state: "expired" },
			{ approvalId: ids[0], state: "pending" },
		]);
		const [sarahAgain, tom] = [
			await dial(after, "user_456"),
			await dial(after, "user_789"),
		];
		const first = { approvalId: ids[0] };
		expect(await code(sarahAgain.request("approval:reject", first))).toBe(
			"INVALID_STATE",
		);
		await tom.request("approval:grant", first);
		expect(dataOf(await johnAgain.next("approval:completed"))).toMatchObject({
			...first,
			outcome: "approved",
		});
		await after.kill();
		dir.remove();
	});

	it("[APPROVAL-11] approvals go with their document; another one of the same id has none of them", async () => {
		const { prdId, john, named } = await asked();
		await fetch(`${product.url}/api/documents/${prdId}`, {
			method: "DELETE",
			headers: { authorization: `Bearer ${token("user_123")}` },
		});
		await john.next("document:deleted");
		const sarah = await person("user_456");
		expect(await code(sarah.request("approval:grant", named))).toBe(
			"NOT_FOUND",
		);
		await john.request("document:join", { prdId, mode: "edit" });
		expect(await listed(john, prdId)).toEqual([]);
	});
});
