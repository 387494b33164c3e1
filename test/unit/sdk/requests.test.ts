import { describe, expect, it } from "@jest/globals";
import { connect } from "../../../src/sdk/client.ts";
import type { RequestData } from "../../../src/sdk/typed-events.ts";
import { FakeNetwork } from "../../support/fake-socket.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const same = <A, B>(
	isSame: [A] extends [B] ? ([B] extends [A] ? true : false) : false,
) => expect(isSame).toBe(true);
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function online() {
	const network = new FakeNetwork();
	const client = connect({
		url: "ws://host/ws",
		WebSocket: network.WebSocket,
		clock: new ManualClock(),
		token: "t",
	});
	await turn();
	network.last.greet();
	return { client, network };
}
const invitation = { room: "d", userId: "bob", role: "view" } as const;

describe("any request and any event", () => {
	it("[SDK-34] a request resolves with its acknowledgement, or rejects with the server's code", async () => {
		const { client, network } = await online();
		const done = client.request("room:invite", invitation);
		expect(network.last.ofType("room:invite")[0]?.data).toEqual(invitation);
		network.last.answer("room:invite", {});
		await expect(done).resolves.toEqual({});
		const refused = client.request("room:invite", invitation);
		const error = { code: "FORBIDDEN", message: "no", retryable: false };
		network.last.refuse("room:invite", error);
		await expect(refused).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	it("[SDK-34] a request without an answer rejects when the connection is lost, and one without a connection at once", async () => {
		const { client, network } = await online();
		const open = client.request("room:invite", invitation);
		network.last.end(1006);
		const lost = { code: "UNAVAILABLE", retryable: true };
		await expect(open).rejects.toMatchObject(lost);
		await expect(
			client.request("room:invite", invitation),
		).rejects.toMatchObject(lost);
	});

	it("[SDK-34] events are heard by name until the listener is taken off; types come from the registry", async () => {
		const { client, network } = await online();
		const heard: (string | null)[] = [];
		const off = client.listen(
			"permission:changed",
			({ prdId, mode, reason }) => {
				same<typeof prdId, string>(true);
				same<typeof mode, "view" | "comment" | "edit" | null>(true);
				heard.push(mode, reason);
			},
		);
		const change = { prdId: "d", mode: "view", reason: "invited" };
		network.last.tell("permission:changed", change);
		off();
		network.last.tell("permission:changed", change);
		expect(heard).toEqual(["view", "invited"]);
		// @ts-expect-error a role that does not exist
		const king: RequestData<"room:invite">["role"] = "king";
		expect(king).toBe("king");
		// @ts-expect-error an event that only the server sends
		client.request("permission:changed", change).catch(() => {});
	});
});
