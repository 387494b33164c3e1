import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { callAction } from "../../../src/bus/actions.ts";
import { BusGuard } from "../../../src/bus/bus-guard.ts";
import type { DocId } from "../../../src/shared/ids.ts";

const READ = { docId: "d1" as DocId };
let guard: BusGuard;
let caller: ServiceBroker;
let callee: ServiceBroker;
/** Calls that the other node has got, each to be answered by the test. */
let asked: PromiseWithResolvers<object>[];
let arrival: PromiseWithResolvers<void>;
let installation = 0;

beforeEach(async () => {
	installation += 1;
	guard = new BusGuard();
	asked = [];
	arrival = Promise.withResolvers();
	const options = {
		namespace: `guard-${process.pid}-${installation}`,
		logger: false,
		transporter: "Fake",
		registry: { stopDelay: 0 },
		heartbeatInterval: 1,
		heartbeatTimeout: 1,
	} as const;
	callee = new ServiceBroker({ ...options, nodeID: "callee" });
	callee.createService({
		name: "document-ot",
		actions: {
			read() {
				const answer = Promise.withResolvers<object>();
				asked.push(answer);
				arrival.resolve();
				return answer.promise;
			},
		},
	});
	caller = new ServiceBroker({
		...options,
		nodeID: "caller",
		middlewares: [guard.middleware],
	});
	await callee.start();
	await caller.start();
	await caller.waitForServices("document-ot");
});
afterEach(async () => {
	await Promise.all([caller.stop(), callee.stop()]);
});

const read = () => callAction(caller, "document-ot.read", READ);

describe("a process whose bus is away", () => {
	it("[OWN-6] has its calls fail at once, also those that wait for their answer", async () => {
		const waiting = read();
		await arrival.promise;
		guard.lost();
		await expect(waiting).rejects.toMatchObject({ code: "UNAVAILABLE" });
		await expect(read()).rejects.toMatchObject({ code: "UNAVAILABLE" });
		expect(asked.length).toBe(1);
	});

	it("[OWN-6] calls again when it is back", async () => {
		guard.lost();
		await guard.returned();
		const waiting = read();
		await arrival.promise;
		asked[0]?.resolve({ text: "a" });
		expect(await waiting).toEqual({ text: "a" });
	});

	it("[OWN-7] takes nobody for dead that it could not hear", async () => {
		guard.lost();
		const node = caller.registry.nodes.get("callee");
		// Silent for longer than anybody may be.
		node.lastHeartbeatTime -= 1_000;
		const { discoverer } = caller.registry;
		const timers = discoverer as unknown as { checkNodesTimer: unknown };
		expect(timers.checkNodesTimer).toBe(null);
		await guard.returned();
		discoverer.checkRemoteNodes();
		expect(node.available).toBe(true);
	});

	it("[OWN-7] notices again who dies when it is back", async () => {
		guard.lost();
		await guard.returned();
		const node = caller.registry.nodes.get("callee");
		const gone = once(caller.localBus as never, "$node.disconnected");
		(callee.registry.discoverer as never as Timers).stopHeartbeatTimers();
		await gone;
		expect(node.available).toBe(false);
	});
});

interface Timers {
	stopHeartbeatTimers(): void;
}
