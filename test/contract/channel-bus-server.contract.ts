import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Logger } from "../../src/shared/logger.ts";
import type { ChannelBus } from "../../src/shared/ports/channel-bus.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { Ear, settle } from "./bus-ear.ts";

/** A server between processes, which can be away. */
export interface BusServer {
	readonly port: number;
	/** A bus on the server as seen through that port. */
	openBus(port: number, logger: Logger): Promise<ChannelBus>;
	/** Sends to a channel of the buses what is not theirs. */
	sendRaw(channel: string, bytes: string): Promise<void>;
	/** Whether the server sends to anybody what is published on the channel. */
	hasSubscribers(channel: string): Promise<boolean>;
	kill(): Promise<void>;
	restart(): Promise<void>;
	/** Ends the buses too. */
	close(): Promise<void>;
}

/** One bus behind a line that breaks, one on the server itself. */
interface Lab {
	server: BusServer;
	proxy: TcpProxy;
	/** Behind the proxy. */
	far: ChannelBus;
	near: ChannelBus;
	/** What both buses have logged. */
	readonly log: string[];
}

const MEBIBYTE = 1_048_576;
/** The next turn of the event loop. */
const turn = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

export function channelBusServerContract(
	name: string,
	start: () => Promise<BusServer>,
): void {
	describe(`channel bus with a server: ${name}`, () => {
		const lab = { log: [] as string[] } as Lab;
		const note = (_: unknown, message: string) => void lab.log.push(message);
		const logger: Logger = { info: note, warn: note, error: note };

		beforeAll(async () => {
			lab.server = await start();
			lab.proxy = await TcpProxy.open(lab.server.port);
			lab.far = await lab.server.openBus(lab.proxy.port, logger);
			lab.near = await lab.server.openBus(lab.server.port, logger);
		});
		afterAll(async () => {
			await lab.server.close();
			await lab.proxy.close();
		});

		messageRules(lab);
		outageRules(lab);
		closingRules(lab, logger);
	});
}

function messageRules(lab: Lab): void {
	it("[BUS-7] a body that is too big is left out, a head that is too big is lost, and neither stops what comes after", async () => {
		const { near, far } = lab;
		const ear = await Ear.on(far, "big");
		const body = JSON.stringify("é".repeat(MEBIBYTE / 2));
		near.publish("big", { head: 1, body });
		near.publish("big", { head: "é".repeat(MEBIBYTE) });
		near.publish("big", { head: 2, body: "{}" });
		expect(await ear.hears(2)).toEqual([{ head: 1 }, { head: 2, body: "{}" }]);
	});

	it("[BUS-7] a body of 500 KiB arrives whole", async () => {
		const ear = await Ear.on(lab.far, "large");
		const body = JSON.stringify("x".repeat(500 * 1_024));
		lab.near.publish("large", { head: 1, body });
		expect(await ear.hears(1)).toEqual([{ head: 1, body }]);
	});

	it("[BUS-8] what no bus has sent is not delivered, and harms nothing", async () => {
		const { server, far, near } = lab;
		const ear = await Ear.on(far, "raw");
		for (const junk of ["", "\n", "{", "{\n{}", "\ufeff1", "nope"])
			await server.sendRaw("raw", junk);
		near.publish("raw", { head: 1 });
		await ear.hearsHead(1);
		expect(ear.heads).toEqual([1]);
	});
}

/** Resolves when the bus says that it is back; `count` goes on counting. */
function returnOf(bus: ChannelBus) {
	const { promise, resolve } = Promise.withResolvers<void>();
	const seen = { count: 0, promise };
	bus.onReturn(() => {
		seen.count += 1;
		resolve();
	});
	return seen;
}

function outageRules(lab: Lab): void {
	/** Publishes for as long as it takes to notice, then makes sure of what must hold meanwhile. */
	async function expectAway(bus: ChannelBus): Promise<void> {
		for (;;) {
			expect(() => bus.publish("away", { head: "lost" })).not.toThrow();
			const attempt = bus.subscribe("away", () => {});
			const error = await attempt.catch((reason) => reason);
			if (error instanceof Error) {
				expect(error).toMatchObject({ code: "UNAVAILABLE" });
				return;
			}
			error.unsubscribe();
			await turn();
		}
	}

	it("[BUS-9] after a cut line what is published when the bus says that it is back arrives, on old and new channels, both ways", async () => {
		const { proxy, near, far } = lab;
		const old = await Ear.on(far, "old");
		const others = await Ear.on(near, "others");
		const back = returnOf(far);
		proxy.cut();
		await expectAway(far);
		near.publish("old", { head: "missed" });
		proxy.heal();
		await back.promise;
		near.publish("old", { head: 1 });
		far.publish("others", { head: 2 });
		const fresh = await Ear.on(far, "fresh");
		near.publish("fresh", { head: 3 });
		await Promise.all([old.hears(1), others.hears(1), fresh.hears(1)]);
		expect([old.heads, others.heads, fresh.heads]).toEqual([[1], [2], [3]]);
		expect(back.count).toBe(1);
	});

	it("[BUS-9] the bus says once per outage that it is back, and does not say it to who no longer asks", async () => {
		const { proxy, near, far } = lab;
		const gone = returnOf(far);
		const silent = { count: 0 };
		far.onReturn(() => void silent.count++).unsubscribe();
		far.onReturn(() => {
			throw new Error("a listener's own");
		});
		for (let outage = 1; outage <= 5; outage++) {
			const back = returnOf(far);
			proxy.drop();
			await back.promise;
			// A line that is used does not say it again.
			await settle(near, far);
			await settle(far, near);
			expect([back.count, gone.count]).toEqual([1, outage]);
		}
		expect(silent.count).toBe(0);
	});

	it("[BUS-9] ten thousand channels are in force again", async () => {
		const { proxy, near, far } = lab;
		const names = Array.from({ length: 10_000 }, (_, i) => `many.${i}`);
		const all = Promise.withResolvers<void>();
		let heard = 0;
		const subscriptions = await Promise.all(
			names.map((name) =>
				far.subscribe(name, () => {
					if (++heard === names.length) all.resolve();
				}),
			),
		);
		const back = returnOf(far);
		proxy.drop();
		await back.promise;
		for (const name of names) near.publish(name, { head: 1 });
		await all.promise;
		for (const { unsubscribe } of subscriptions) unsubscribe();
		await settle(near, far);
	});

	it("[BUS-9] a channel that was left during the outage is not subscribed again", async () => {
		const { server, proxy, near, far, log } = lab;
		const ear = await Ear.on(far, "left");
		expect(await server.hasSubscribers("left")).toBe(true);
		const back = returnOf(far);
		log.length = 0;
		proxy.cut();
		while (!log.includes("the bus is lost")) await turn();
		ear.subscription.unsubscribe();
		proxy.heal();
		await back.promise;
		near.publish("left", { head: 1 });
		await settle(near, far);
		expect(ear.heads).toEqual([]);
		expect(await server.hasSubscribers("left")).toBe(false);
	});

	it("[BUS-9] a subscription under way when the line breaks is refused, and nothing of it stays", async () => {
		const { server, proxy, near, far } = lab;
		const back = returnOf(far);
		proxy.shape("toServer", { isStalled: true });
		const attempt = far.subscribe("halfway", () => {}).catch((error) => error);
		await turn();
		proxy.cut();
		expect(await attempt).toMatchObject({ code: "UNAVAILABLE" });
		proxy.heal();
		await back.promise;
		await settle(near, far);
		expect(await server.hasSubscribers("halfway")).toBe(false);
	});

	it("[BUS-10] a server that dies and comes back is an outage like any other, for all", async () => {
		const { server, near, far } = lab;
		const ears = await Promise.all([Ear.on(far, "x"), Ear.on(near, "y")]);
		const backs = [returnOf(far), returnOf(near)];
		await server.kill();
		await Promise.all([expectAway(far), expectAway(near)]);
		await server.restart();
		await Promise.all(backs.map(({ promise }) => promise));
		near.publish("x", { head: 1 });
		far.publish("y", { head: 2 });
		await Promise.all(ears.map((ear) => ear.hears(1)));
		expect(ears.map(({ heads }) => heads)).toEqual([[1], [2]]);
		expect(backs.map(({ count }) => count)).toEqual([1, 1]);
	});

	it("[BUS-11] a server that takes nothing costs bounded memory, and messages flow again when it does", async () => {
		const { proxy, near, far, log } = lab;
		const full = "the bus takes nothing: messages are dropped";
		await settle(far, near);
		const before = process.memoryUsage().arrayBuffers;
		proxy.shape("toServer", { isStalled: true });
		const body = JSON.stringify("x".repeat(256 * 1_024));
		for (let i = 0; i < 1_000; i++) {
			far.publish("stalled", { head: i, body });
			// In which it could be sent.
			await turn();
		}
		const grownBytes = process.memoryUsage().arrayBuffers - before;
		expect(grownBytes).toBeLessThan(100 * MEBIBYTE);
		expect(log.filter((line) => line === full)).toHaveLength(1);
		const ear = await Ear.on(near, "flows");
		proxy.heal();
		while (ear.heard.length === 0) {
			far.publish("flows", { head: 1 });
			await turn();
		}
	});
}

function closingRules(lab: Lab, logger: Logger): void {
	it("[BUS-12] a closed bus hears nothing, loses what it is given, refuses subscriptions, and may be closed again", async () => {
		const { server, near } = lab;
		const bus = await server.openBus(server.port, logger);
		const ear = await Ear.on(bus, "closing");
		const back = returnOf(bus);
		await Promise.all([bus.close(), bus.close()]);
		await bus.close();
		near.publish("closing", { head: 1 });
		expect(() => bus.publish("closing", { head: 2 })).not.toThrow();
		await expect(bus.subscribe("closing", () => {})).rejects.toMatchObject({
			code: "UNAVAILABLE",
		});
		await settle(near, near);
		expect([ear.heads, back.count]).toEqual([[], 0]);
	});

	it("[BUS-12] a bus may be closed while its server is away, with subscriptions under way", async () => {
		const { server, proxy } = lab;
		const bus = await server.openBus(proxy.port, logger);
		const attempt = bus.subscribe("x", () => {}).catch((reason) => reason);
		proxy.cut();
		await bus.close();
		proxy.heal();
		expect(await attempt).toMatchObject({ code: "UNAVAILABLE" });
	});
}
