import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { BUS_KINDS, Cluster } from "../support/cluster.ts";
import { Addresses, Crowd } from "../support/cluster-crowd.ts";
import { inCluster } from "../support/in-cluster.ts";
import type { Product } from "../support/product.ts";

const DOCUMENTS = ["plan-a", "plan-b", "plan-c", "plan-d"];
const WRITERS = 2;
const MS = 120_000;

/** Over Redis a dead node is noticed by its heartbeats alone, which takes its time. */
const BUSES = process.env.TEST_FULL === "1" ? BUS_KINDS : (["nats"] as const);

inCluster.each(BUSES)("a cluster over %s", (bus) => {
	let cluster: Cluster;
	let gateways: Product[];
	let crowd: Crowd;
	beforeAll(async () => {
		cluster = await Cluster.start(bus);
		gateways = [...cluster.gateways];
		const addresses = new Addresses(() => gateways.map(({ ws }) => ws));
		crowd = await Crowd.open(addresses, DOCUMENTS, WRITERS);
	}, MS);
	afterAll(() => cluster?.close(), MS);

	it(
		"[CLUSTER-1] people on different gateways write in the same documents",
		async () => {
			await crowd.write(20);
			expect(crowd.losses).toBe(0);
		},
		MS,
	);

	it(
		"[CLUSTER-2] goes on when an owner is killed, without anybody being disconnected",
		async () => {
			await cluster.owners[0]?.kill();
			await crowd.write(1);
			for (const gateway of cluster.gateways) {
				await gateway.logged("disconnected unexpectedly");
				if (bus === "nats")
					expect(gateway.log()).not.toContain("Heartbeat is not received");
			}
			await crowd.write(20);
			await cluster.addOwner();
			await crowd.write(20);
			expect(crowd.losses).toBe(0);
		},
		MS,
	);

	it(
		"[CLUSTER-3] waits while the bus is away, and disconnects nobody",
		async () => {
			await cluster.bus.kill();
			await cluster.bus.restart();
			await crowd.write(20);
			expect(crowd.losses).toBe(0);
		},
		MS,
	);

	it(
		"[CLUSTER-4] an owner that is told to end does so while people write",
		async () => {
			expect(await cluster.owners[1]?.stop()).toBe(0);
			await crowd.write(20);
			expect(crowd.losses).toBe(0);
		},
		MS,
	);

	it(
		"[CLUSTER-5] the people on a gateway that is told to end go on at another one",
		async () => {
			const [first] = gateways.splice(0, 1);
			expect(await first?.stop()).toBe(0);
			await crowd.write(20);
		},
		MS,
	);

	it(
		"[CLUSTER-6] after all of that every saved word is there, once",
		async () => {
			await crowd.stop();
			expect(await crowd.faults()).toEqual([]);
		},
		MS,
	);
});
