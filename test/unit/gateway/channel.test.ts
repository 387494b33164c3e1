import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Channel } from "../../../src/gateway/channel.ts";
import type { ChannelMember } from "../../../src/gateway/channel-member.ts";
import { Channels } from "../../../src/gateway/channels.ts";
import type { Delivery } from "../../../src/gateway/delivery.ts";
import { documentChannel } from "../../../src/protocol/document-message.ts";
import type { Submission } from "../../../src/protocol/submission.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import { SILENT } from "../../../src/shared/logger.ts";
import { HeldBus } from "../../support/held-bus.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { MemoryBackend } from "../../support/memory-backend.ts";

const DOC = "d1" as DocId;

class Ear implements ChannelMember {
	deliveredRev = 0;
	isLost = false;
	isBehind = false;
	isCongested = false;
	/** Waits for the test to say that the peer has read. */
	drained: (() => void) | undefined;
	readonly heard: number[] = [];
	deliver({ head }: Delivery): void {
		this.heard.push(head.rev);
	}
	onceDrained(task: () => void): void {
		this.drained = task;
	}
	tooFarBehind(): void {
		this.isBehind = true;
	}
	tell(): void {}
	deleted(): void {}
	lost(): void {
		this.isLost = true;
	}
}

let clock: ManualClock;
let bus: HeldBus;
let backend: MemoryBackend;
let channels: Channels;
beforeEach(() => {
	clock = new ManualClock();
	bus = new HeldBus();
	backend = new MemoryBackend(bus);
	channels = new Channels(bus, { backend, clock, log: SILENT });
});

/** Commits `count` ops and puts their messages into the test's hand. */
const commit = (count: number): void => {
	for (let i = 0; i < count; i++) {
		const rev = backend.document(DOC).log.length + 1;
		const message = backend.commit({
			docId: DOC,
			userId: "u",
			sessionId: "session-0",
			replicaId: "u",
			opId: `session-0:${rev}`,
			revision: rev - 1,
			edit: { form: "native", op: ["x"], marks: [] },
		} as unknown as Submission);
		bus.publish(documentChannel(DOC), message);
	}
};
const head = (): void =>
	bus.publish(documentChannel(DOC), {
		head: { kind: "head", rev: backend.document(DOC).log.length },
	});
const join = async (rev: number): Promise<[Ear, Channel]> => {
	const ear = new Ear();
	const channel = await channels.join(DOC);
	await channel.admit(ear, rev);
	return [ear, channel];
};
/** Lets promises run that wait for nothing outside. */
const settle = async (): Promise<void> => {
	for (let i = 0; i < 20; i++) await Promise.resolve();
};
const upTo = (first: number, last: number): number[] =>
	Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("the channel of a document", () => {
	it("[FAN-1] delivers in revision order, each op once, however the bus repeats and reorders", async () => {
		const [ear] = await join(0);
		commit(5);
		bus.deliver([2, 1, 1, 4, 0, 3, 0], { keep: true });
		await settle();
		bus.deliver();
		await settle();
		expect(ear.heard).toEqual(upTo(1, 5));
	});

	it("[FAN-2] a lost op is read from the log, once for everybody", async () => {
		const [ann] = await join(0);
		const [bob] = await join(0);
		commit(4);
		bus.deliver([0, 2, 3]);
		expect(ann.heard).toEqual([1]);
		await settle();
		expect(ann.heard).toEqual(upTo(1, 4));
		expect(bob.heard).toEqual(upTo(1, 4));
		expect(backend.reads).toBe(1);
	});

	it("[FAN-2] a lost last op is found by the owner's head", async () => {
		const [ear] = await join(0);
		commit(2);
		bus.drop();
		head();
		bus.deliver();
		await settle();
		expect(ear.heard).toEqual([1, 2]);
	});

	it("[FAN-2] an op without a body is read from the log", async () => {
		const [ear] = await join(0);
		commit(1);
		const big = bus.held[0]?.message.head;
		bus.drop();
		bus.publish(documentChannel(DOC), { head: big });
		bus.deliver();
		await settle();
		expect(ear.heard).toEqual([1]);
	});

	it("[FAN-2] a long gap is read in several pieces", async () => {
		const [ear] = await join(0);
		commit(350);
		bus.drop();
		head();
		bus.deliver();
		await settle();
		expect(ear.heard).toEqual(upTo(1, 350));
		expect(backend.reads).toBe(4);
	});

	it("[FAN-3] a gap that cannot be read three times ends the members' connections", async () => {
		const [ear] = await join(0);
		backend.failingReads = 3;
		commit(2);
		bus.deliver([1]);
		for (let i = 0; i < 3; i++) {
			await settle();
			clock.advance(1_000);
		}
		await settle();
		expect(ear.isLost).toBe(true);
		expect(backend.reads).toBe(3);
	});

	it("[FAN-3] two failures are got over", async () => {
		const [ear] = await join(0);
		backend.failingReads = 2;
		commit(2);
		bus.deliver([1]);
		for (let i = 0; i < 3; i++) {
			await settle();
			clock.advance(1_000);
		}
		await settle();
		expect(ear.isLost).toBe(false);
		expect(ear.heard).toEqual([1, 2]);
	});

	it("[ENTRY-1] what is committed while somebody joins reaches him once, in order", async () => {
		const ear = new Ear();
		commit(2);
		bus.drop();
		const channel = await channels.join(DOC);
		commit(3);
		bus.deliver();
		await channel.admit(ear, 3);
		commit(1);
		bus.deliver();
		expect(ear.heard).toEqual([4, 5, 6]);
		expect(backend.reads).toBe(0);
	});

	it("[ENTRY-1] a second joiner gets what the channel delivered to others meanwhile", async () => {
		const [ann] = await join(0);
		const channel = await channels.join(DOC);
		commit(3);
		bus.deliver();
		const bob = new Ear();
		await channel.admit(bob, 1);
		commit(1);
		bus.deliver();
		expect(bob.heard).toEqual([2, 3, 4]);
		expect(ann.heard).toEqual(upTo(1, 4));
		expect(backend.reads).toBe(0);
	});

	it("[ENTRY-1] an answer older than what was kept is completed from the log", async () => {
		const [ann] = await join(0);
		commit(3);
		bus.deliver();
		const [bob] = await join(1);
		expect(bob.heard).toEqual([2, 3]);
		expect(ann.heard).toEqual([1, 2, 3]);
	});

	it("[ENTRY-1] somebody who joins ahead of the channel gets nothing twice", async () => {
		const [ann] = await join(0);
		commit(2);
		const [bob] = await join(2);
		bus.deliver();
		commit(1);
		bus.deliver();
		await settle();
		expect(bob.heard).toEqual([3]);
		expect(ann.heard).toEqual([1, 2, 3]);
	});

	it("[ENTRY-1] a join that fails leaves the others' stream alone", async () => {
		const [ann, channel] = await join(0);
		const failing = await channels.join(DOC);
		commit(1);
		bus.deliver();
		failing.giveUp();
		commit(1);
		bus.deliver();
		expect(ann.heard).toEqual([1, 2]);
		expect(failing).toBe(channel);
	});

	it("[FAN-4] the bus is left when the last member leaves", async () => {
		const [ann, channel] = await join(0);
		const [bob] = await join(0);
		expect(bus.receiversOf(documentChannel(DOC))).toBe(1);
		for (const ear of [ann, bob]) {
			channel.remove(ear);
			channels.release(channel);
		}
		await settle();
		expect(bus.receiversOf(documentChannel(DOC))).toBe(0);
		expect(channels.size).toBe(0);
	});
});
