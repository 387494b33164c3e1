import { afterEach, describe, expect, it } from "@jest/globals";
import type { Limits } from "../../../src/shared/limits.ts";
import { exchange, upgradeRequest } from "../../support/bytes.ts";
import { EngineWire, openPolling, poll } from "../../support/engine-wire.ts";
import { TRANSPORTS } from "../../support/socketio-client.ts";
import { SocketioLab } from "../../support/socketio-lab.ts";

let sio: SocketioLab;
const open = async (limits: Partial<Limits>): Promise<void> => {
	sio = await SocketioLab.open(limits, {}, true);
};
afterEach(() => sio.close());

const HANDSHAKE = "EIO=4&transport=polling";
const taken = (): number => sio.lab.gateway.doorkeeper.size;
/** What ends on the far side is noticed in a later turn. */
const untilTaken = async (count: number): Promise<void> => {
	while (taken() !== count)
		await new Promise<void>((resolve) => setImmediate(resolve));
};

describe("the place of a Socket.IO connection", () => {
	it("[SIO-19] is taken by its handshake: one too many of an address is 429 on both transports, until one goes", async () => {
		await open({ connectionsPerAddress: 2 });
		const wire = await EngineWire.open(sio.lab.port);
		await openPolling(sio.lab.port);
		expect(taken()).toBe(2);
		const polled = await poll(sio.lab.port, HANDSHAKE);
		expect(polled.status).toBe(429);
		expect(polled.headers.get("retry-after")).toBe("1");
		expect(await polled.json()).toMatchObject({ code: "RATE_LIMITED" });
		const target = "/socket.io/?EIO=4&transport=websocket";
		expect(await exchange(sio.lab.port, upgradeRequest({ target }))).toMatch(
			/^HTTP\/1.1 429 /,
		);
		wire.socket.close();
		await untilTaken(1);
		expect((await poll(sio.lab.port, HANDSHAKE)).status).toBe(200);
	});

	it("[SIO-19] is given back when the handshake comes to nothing", async () => {
		await open({ connectionsPerAddress: 1 });
		for (const query of ["EIO=2&transport=polling", "EIO=4&transport=x"])
			expect((await poll(sio.lab.port, query)).status).toBe(400);
		const headers = { Origin: "https://evil.com" };
		const target = "/socket.io/?EIO=4&transport=websocket";
		await exchange(sio.lab.port, upgradeRequest({ target, headers }));
		await untilTaken(0);
		const client = await sio.enter("ann");
		await client.settled();
	});

	it("[SIO-19] is one for the polls, the WebSocket and the session of a client, and free when it leaves", async () => {
		await open({ connectionsPerAddress: 1 });
		for (const transports of [...TRANSPORTS, ["polling", "websocket"]]) {
			const client = await sio.enter("ann", { transports: [...transports] });
			await client.settled();
			expect(taken()).toBe(1);
			client.socket.disconnect();
			await untilTaken(0);
		}
	});

	it("[SIO-19] is not for one connection too many of a person: connect_error", async () => {
		await open({ connectionsPerUser: 1 });
		await sio.lab.enter("ann");
		const client = sio.dial({
			auth: { token: sio.lab.token("ann") },
			transports: ["websocket"],
		});
		expect((await client.refusal()).data).toMatchObject({
			code: "RATE_LIMITED",
			retryable: true,
		});
		await sio.enter("bob");
	});

	it("[SIO-19] is asked for at the rate of the raw door", async () => {
		await open({});
		for (let i = 0; i < 50; i++)
			await poll(sio.lab.port, "EIO=2&transport=polling");
		const response = await poll(sio.lab.port, HANDSHAKE);
		expect(response.status).toBe(429);
		await expect(sio.lab.enter("ann")).rejects.toMatchObject({ status: 429 });
	});
});
