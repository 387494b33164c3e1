import { expect, it } from "@jest/globals";
import { LocalChannelBus } from "../../src/bus/local-channel-bus.ts";
import { SILENT } from "../../src/shared/logger.ts";
import { channelBusContract } from "./channel-bus.contract.ts";

channelBusContract("one process", async () => {
	const bus = new LocalChannelBus(SILENT);
	return { openBus: async () => bus, close: () => bus.close() };
});

it("[BUS-12] a closed bus of one process hears nothing, and may be closed again", async () => {
	const bus = new LocalChannelBus(SILENT);
	const heard: unknown[] = [];
	const subscription = await bus.subscribe("a", ({ head }) => heard.push(head));
	await bus.close();
	await bus.close();
	bus.publish("a", { head: 1 });
	subscription.unsubscribe();
	expect(heard).toEqual([]);
});
