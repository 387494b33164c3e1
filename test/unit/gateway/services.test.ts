import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Teller } from "../../../src/bus/teller.ts";
import { CollabError } from "../../../src/protocol/errors.ts";
import { RATES } from "../../../src/protocol/rates.ts";
import type { CommentId } from "../../../src/protocol/schemas/comment.ts";
import type { DocId, UserId } from "../../../src/shared/ids.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";

const DOC = "d1" as DocId;
const BOB = "bob" as UserId;
const COMMENT = "comment_1" as CommentId;

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open({}, {}, true);
});
afterEach(() => lab.close());

const resolved = (prdId: DocId, by: string) => ({
	commentId: COMMENT,
	prdId,
	resolvedBy: { id: BOB, name: by },
	resolvedAt: "2024-01-26T10:30:00.000Z",
});

describe("what services answer", () => {
	it("[REVIEW-1] the service's answer is the acknowledgement's data, whether or not the document is joined", async () => {
		const ann = await lab.enter("ann");
		const answer = resolved(DOC, "Bob");
		lab.backend.reply = () => answer;
		expect(
			await ann.request("comment:resolve", { commentId: COMMENT }),
		).toMatchObject({ type: "ack", data: answer });
		ann.send({ type: "comment.resolve", data: { commentId: COMMENT } });
		await ann.settled();
		expect(lab.backend.asked.map(({ event }) => event)).toEqual([
			"comment:resolve",
			"comment:resolve",
		]);
	});

	it("[REVIEW-1] a refusal is the request's error, under its namespace", async () => {
		const ann = await lab.enter("ann");
		lab.backend.reply = () => {
			throw new CollabError("INVALID_STATE", "The thread is not open");
		};
		const { type, data } = await ann.request("comment:resolve", {
			commentId: COMMENT,
		});
		expect([type, data]).toEqual([
			"error:comment",
			{
				operation: "comment:resolve",
				code: "INVALID_STATE",
				message: "The thread is not open",
				retryable: false,
			},
		]);
	});

	it("[REVIEW-2] the service is told who asks what, in which unit, and nothing that the registry does not know", async () => {
		const claims = {
			name: "Ann",
			avatar: "https://a.example/b.png",
			roles: ["admin"],
			permissions: { "d*": "edit" },
		};
		const ann = await lab.editor("ann", DOC, { unit: "codepoint" }, claims);
		const data = { prdId: DOC, content: "?" };
		await ann.request("comment:add", { ...data, userId: "mallory" });
		await ann.request("comment:add", { ...data, prdId: "d2" });
		const { unit, ...elsewhere } = {
			userId: "ann",
			...claims,
			sessionId: expect.any(String),
			unit: "codepoint",
		};
		expect(lab.backend.asked).toEqual([
			{ event: "comment:add", data, person: { ...elsewhere, unit } },
			{
				event: "comment:add",
				data: { ...data, prdId: "d2" },
				person: elsewhere,
			},
		]);
	});

	it("[REVIEW-4] a service that is not there is UNAVAILABLE, and the connection stays", async () => {
		const ann = await lab.enter("ann");
		lab.backend.reply = () => {
			throw new CollabError("UNAVAILABLE", "The service is not available");
		};
		const asked = await ann.request("comment:list", { prdId: DOC });
		expect(asked.data).toMatchObject({ code: "UNAVAILABLE", retryable: true });
		await ann.settled();
	});

	it("[REVIEW-5] they have a rate of their own", async () => {
		const ann = await lab.enter("ann");
		const ask = () => ann.request("comment:list", { prdId: DOC });
		const { capacity } = RATES.review;
		for (let i = 0; i < capacity; i++) expect((await ask()).type).toBe("ack");
		expect((await ask()).data.code).toBe("RATE_LIMITED");
		expect(lab.backend.asked).toHaveLength(capacity);
		expect((await ann.request("room:list", {})).type).toBe("ack");
	});
});

describe("what services tell", () => {
	it("[REVIEW-3] an event about a document reaches all who have joined it, each in his unit", async () => {
		const ann = await lab.editor("ann", DOC);
		const bob = await lab.editor("bob", DOC, { unit: "codepoint" });
		const native = await lab.editor("cy", DOC, { format: "native" });
		const dan = await lab.editor("dan", "d2");
		const teller = new Teller(lab.bus);
		const name = "comment:resolved";
		teller.tellRoom(DOC, name, resolved(DOC, "all"));
		teller.tellRoom(DOC, name, resolved(DOC, "16"), resolved(DOC, "points"));
		const heard = (who: typeof ann) =>
			who.of(name).map(({ room, data }) => [room, data]);
		for (const who of [ann, bob, native, dan]) await who.settled();
		const two = (second: string) => [
			[DOC, resolved(DOC, "all")],
			[DOC, resolved(DOC, second)],
		];
		expect(heard(ann)).toEqual(two("16"));
		expect(heard(bob)).toEqual(two("points"));
		expect(heard(native)).toEqual(two("points"));
		expect(heard(dan)).toEqual([]);
	});

	it("[REVIEW-3] an event for a person reaches all his sessions, joined or not, and nobody else", async () => {
		const bobs = [await lab.editor("bob", DOC), await lab.enter("bob")];
		const ann = await lab.enter("ann");
		const mention = {
			commentId: COMMENT,
			prdId: DOC,
			author: { id: "ann" as UserId, name: "Ann" },
			content: "Bob?",
			createdAt: "2024-01-26T10:30:00.000Z",
		};
		new Teller(lab.bus).tellUsers([BOB], "comment:mentioned", mention);
		for (const bob of bobs)
			expect((await bob.next("comment:mentioned")).data).toEqual(mention);
		await ann.settled();
		expect(ann.of("comment:mentioned")).toEqual([]);
	});
});
