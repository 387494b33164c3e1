import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	it,
} from "@jest/globals";
import fc from "fast-check";
import type {
	ChannelBus,
	ChannelMessage,
} from "../../src/shared/ports/channel-bus.ts";
import { Ear, settle } from "./bus-ear.ts";

/** Where buses meet. */
export interface BusPlace {
	/** A bus as another process has it; where there is one process alone, always the same. */
	openBus(): Promise<ChannelBus>;
	/** Ends the buses too. */
	close(): Promise<void>;
}

/** What else a suite of such a bus checks at the same place. */
export interface Buses {
	one: ChannelBus;
	other: ChannelBus;
}

/** Two buses at one place for the tests of the enclosing `describe`, and a channel that no other test has. */
export function useBuses(open: () => Promise<BusPlace>) {
	const buses = {} as Buses & { channel: string };
	let place: BusPlace;
	let count = 0;
	beforeAll(async () => {
		place = await open();
		buses.one = await place.openBus();
		buses.other = await place.openBus();
	});
	beforeEach(() => {
		buses.channel = `doc.prd-${count++}`;
	});
	afterAll(() => place.close());
	return buses;
}

export function channelBusContract(
	name: string,
	open: () => Promise<BusPlace>,
): void {
	describe(`channel bus: ${name}`, () => {
		const buses = useBuses(open);
		deliveryRules(buses);
		subscriptionRules(buses);
		nameRules(buses);
	});
}

type Lab = ReturnType<typeof useBuses>;

function deliveryRules(buses: Lab): void {
	it("[BUS-1] all that is published after the subscription is in force arrives, in order per publisher and channel", async () => {
		const { one, other, channel } = buses;
		const names = ["a", "b", "c"].map((name) => `${channel}.${name}`);
		const ears = await Promise.all(names.map((to) => Ear.on(other, to)));
		for (let i = 0; i < 1_000; i++)
			for (const [k, bus] of [one, other].entries())
				for (const to of names) bus.publish(to, { head: [k, i] });
		for (const ear of ears) {
			const heads = (await ear.hears(2_000)).map(({ head }) => head);
			for (const k of [0, 1])
				expect(heads.filter((head) => (head as number[])[0] === k)).toEqual(
					Array.from({ length: 1_000 }, (_, i) => [k, i]),
				);
		}
	});

	it("[BUS-1] the publisher's own process hears it too", async () => {
		const { one, channel } = buses;
		const ear = await Ear.on(one, channel);
		one.publish(channel, { head: 1, body: "{}" });
		expect(await ear.hears(1)).toEqual([{ head: 1, body: "{}" }]);
	});

	it("[BUS-2] a body is the same text whatever is in it, and a head the same JSON", async () => {
		const { one, other, channel } = buses;
		const ear = await Ear.on(other, channel);
		// Any code point but half pairs, which UTF-8 has no bytes for.
		const unit = fc
			.oneof(fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
			.map((code) => String.fromCodePoint(code));
		const text = fc.array(unit).map((units) => units.join(""));
		const message = fc.oneof(
			fc.record({ head: fc.jsonValue(), body: text }),
			fc.record({ head: fc.jsonValue() }),
		);
		const messages: ChannelMessage[] = [
			{ head: null, body: "" },
			{ head: "\n", body: "\ufeff\n\u2028\0\r\n" },
			...fc.sample(message, 500),
		];
		for (const each of messages) one.publish(channel, each);
		const heard = await ear.hears(messages.length);
		expect(heard.map(({ body }) => body)).toEqual(
			messages.map(({ body }) => body),
		);
		expect(heard.map(({ head }) => JSON.stringify(head))).toEqual(
			messages.map(({ head }) => JSON.stringify(head)),
		);
		expect(heard.filter((each) => "body" in each)).toHaveLength(
			messages.filter((each) => "body" in each).length,
		);
	});

	it("[BUS-3] a receiver that throws harms nobody else", async () => {
		const { one, other, channel } = buses;
		const before = await Ear.on(other, channel);
		await other.subscribe(channel, () => {
			throw new Error("a receiver's own");
		});
		const after = await Ear.on(other, channel);
		expect(() => one.publish(channel, { head: 1 })).not.toThrow();
		one.publish(channel, { head: 2 });
		for (const ear of [before, after]) {
			await ear.hears(2);
			expect(ear.heads).toEqual([1, 2]);
		}
	});
}

function subscriptionRules(buses: Lab): void {
	it("[BUS-4] who has unsubscribed hears nothing, whoever else is on the channel", async () => {
		const { one, other, channel } = buses;
		const [ear, second] = [
			await Ear.on(other, channel),
			await Ear.on(other, channel),
		];
		one.publish(channel, { head: 1 });
		await ear.hears(1);
		ear.subscription.unsubscribe();
		ear.subscription.unsubscribe();
		one.publish(channel, { head: 2 });
		await second.hears(2);
		second.subscription.unsubscribe();
		await settle(one, other);
		one.publish(channel, { head: 3 });
		await settle(one, other);
		expect([ear.heads, second.heads]).toEqual([[1], [1, 2]]);
	});

	it("[BUS-4] one function may be subscribed twice", async () => {
		const { one, other, channel } = buses;
		const ear = await Ear.on(other, channel);
		const again = await other.subscribe(channel, ear.receive);
		again.unsubscribe();
		one.publish(channel, { head: 1 });
		await ear.hears(1);
	});

	it("[BUS-4] a channel that is left and entered again in one turn stays in force", async () => {
		const { one, other, channel } = buses;
		let ear = await Ear.on(other, channel);
		for (let i = 0; i < 50; i++) {
			ear.subscription.unsubscribe();
			const [left, entered] = await Promise.all([
				Ear.on(other, channel),
				Ear.on(other, channel),
			]);
			left.subscription.unsubscribe();
			one.publish(channel, { head: i });
			await entered.hears(1);
			await settle(one, other);
			expect(entered.heads).toEqual([i]);
			ear = entered;
		}
	});

	it("[BUS-5] ten thousand channels are subscribed in one turn", async () => {
		const { one, other, channel } = buses;
		const names = Array.from({ length: 10_000 }, (_, i) => `${channel}.${i}`);
		const heard = new Set<unknown>();
		const all = Promise.withResolvers<void>();
		const subscriptions = await Promise.all(
			names.map((name) =>
				other.subscribe(name, ({ head }) => {
					if (head === name) heard.add(name);
					if (heard.size === names.length) all.resolve();
				}),
			),
		);
		for (const name of names) one.publish(name, { head: name });
		await all.promise;
		for (const { unsubscribe } of subscriptions) unsubscribe();
		await settle(one, other);
	});
}

/** Names that mean something to some server, or nothing to any. */
const ODD = [
	...["*", ">", "*.*", "a.*", "a.>", "a.b", "a.b.c", "a..b", ".a", "a.", "."],
	...["h?llo", "hello", "hallo", "[ae]", "a", "A", "", " ", "a b", "a\tb"],
	...["a\nb", "a\r\nPUB a 1\r\nx", "\0", "%2e", "#a", "\ud800", "\udfff"],
	...["\ufffd", "🙂", "é", "e\u0301", "x".repeat(5_000), "x".repeat(5_001)],
	...["doc.a:b", "doc.a.b", "doc.a", "_", "$SYS", "$SYS.>", "_INBOX.>"],
];

function nameRules(buses: Lab): void {
	it("[BUS-6] whatever its name, a channel hears what is published on it and nothing else", async () => {
		const { one, other } = buses;
		const unit = fc.constantFrom(...'.*>?[]^\\:-_# \t\n\0aAé"%\ud800');
		const drawn = fc.sample(fc.string({ unit, maxLength: 6 }), 1_000);
		const names = [...new Set([...ODD, ...drawn])];
		const ears = await Promise.all(names.map((name) => Ear.on(other, name)));
		for (const name of names) one.publish(name, { head: name });
		await settle(one, other);
		for (const [i, ear] of ears.entries())
			expect(ear.heads).toEqual([names[i]]);
		for (const { subscription } of ears) subscription.unsubscribe();
	});
}
