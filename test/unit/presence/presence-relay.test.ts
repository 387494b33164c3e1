import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Message } from "../../../src/gateway/message.ts";
import { PresenceRelay } from "../../../src/gateway/presence-relay.ts";
import type { PresenceSeat } from "../../../src/gateway/presence-seat.ts";
import type {
	PresentSession,
	StatusChange,
} from "../../../src/presence/presence-book.ts";
import type { DocId, SessionId, UserId } from "../../../src/shared/ids.ts";
import { SILENT } from "../../../src/shared/logger.ts";
import { HeldBus } from "../../support/held-bus.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const doc = "d1" as DocId;
const clock = new ManualClock();
let bus: HeldBus;
let relays: PresenceRelay[];
/** What the presence service was told, what it answers, and who entered it. */
let reported: (readonly StatusChange[])[];
let isKnown: boolean;
let entered: SessionId[];
let inBook: readonly PresentSession[];
/** The service cannot be reached. */
let isAway: boolean;
/** How often it was asked to forget everything. */
let forgettings: number;
let lines: string[];

beforeEach(() => {
	bus = new HeldBus({ isHolding: false });
	relays = [];
	reported = [];
	isKnown = true;
	entered = [];
	inBook = [];
	isAway = false;
	forgettings = 0;
	lines = [];
});
afterEach(() => {
	for (const relay of relays) relay.close();
	expect(clock.waiting).toBe(0);
});

function newRelay(): PresenceRelay {
	const relay = new PresenceRelay({
		bus,
		clock,
		log: { ...SILENT, warn: (_, message) => lines.push(message) },
		backend: {
			async present(_docId, { sessionId }) {
				if (isAway) throw new Error("away");
				entered.push(sessionId);
				return inBook;
			},
			async absent() {
				if (isAway) throw new Error("away");
			},
			async reportPresence(changes, startsAnew) {
				if (isAway) throw new Error("away");
				reported.push(changes);
				if (startsAnew) forgettings += 1;
				return isKnown && !startsAnew;
			},
		},
	});
	relays.push(relay);
	return relay;
}

interface Told {
	readonly type: string;
	readonly data: Record<string, unknown>;
}

/** Somebody in the document, and what he hears. */
class Guest {
	readonly heard: Told[] = [];
	readonly messages: Message[] = [];
	readonly present: PresentSession;
	seat!: PresenceSeat;
	/** Whom he was told of when he came in. */
	met: readonly PresentSession[] = [];

	constructor(name: string) {
		this.present = {
			sessionId: `s_${name}` as SessionId,
			userId: name as UserId,
			userName: name,
			mode: "view",
			color: "#047857",
			lastActivity: new Date(clock.nowMs()).toISOString(),
		};
	}

	static async enter(relay: PresenceRelay, name: string): Promise<Guest> {
		const guest = new Guest(name);
		guest.seat = await relay.enter(doc, {
			id: guest.present.sessionId,
			sendPresence: (_news, _about, message) => guest.#hear(message),
		});
		guest.met = await relay.present(guest.seat, guest.present);
		relay.announce(doc, "joined", guest.present);
		guest.seat.open(guest.present);
		return guest;
	}

	updates(): readonly Record<string, unknown>[] {
		return this.heard
			.filter(({ type }) => type === "presence:updated")
			.map(({ data }) => data);
	}

	#hear(message: Message): void {
		this.messages.push(message);
		const frame = message.frame();
		const text = frame.subarray(frame[1] === 126 ? 4 : 2).toString();
		this.heard.push(JSON.parse(text) as Told);
	}
}

/** Lets answers of the presence service arrive. */
async function answers(): Promise<void> {
	for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

const cursor = (line: number) => ({ cursor: { line, ch: 0 } });

describe("presence between sessions", () => {
	it("[PRES-3] a session's updates come at most 20 times a second, the latest wins and none is late", async () => {
		const relay = newRelay();
		const [ann, bob] = [
			await Guest.enter(relay, "ann"),
			await Guest.enter(relay, "bob"),
		];
		const times: number[] = [];
		for (let ms = 0; ms < 1_000; ms++) {
			const before = bob.updates().length;
			ann.seat.move(cursor(ms));
			clock.advance(1);
			if (bob.updates().length > before) times.push(ms);
		}
		expect(times.length).toBeGreaterThanOrEqual(19);
		expect(times.length).toBeLessThanOrEqual(20);
		for (const [nth, ms] of times.entries())
			if (nth > 0)
				expect(ms - (times[nth - 1] ?? 0)).toBeGreaterThanOrEqual(50);
		clock.advance(50);
		expect(bob.updates().at(-1)).toMatchObject(cursor(999));
		expect(ann.updates()).toEqual([]);
	});

	it("[PRES-3] the first update after a pause is told at once, alone; one wheel turns for all", async () => {
		const relay = newRelay();
		const guests = [];
		for (const name of ["ann", "bob", "cy"])
			guests.push(await Guest.enter(relay, name));
		const before = clock.waiting;
		for (const { seat } of guests) seat.move(cursor(1));
		expect(guests[0]?.updates()).toHaveLength(2);
		expect(clock.waiting).toBe(before);
		for (const { seat } of guests) seat.move(cursor(2));
		expect(guests[0]?.updates()).toHaveLength(2);
		expect(clock.waiting).toBe(before + 1);
		clock.advance(50);
		expect(guests[0]?.updates()).toHaveLength(4);
		expect(clock.waiting).toBe(before);
	});

	it("[PRES-3] an update is encoded once for all who hear it", async () => {
		const relay = newRelay();
		const [ann, bob, cy] = [
			await Guest.enter(relay, "ann"),
			await Guest.enter(relay, "bob"),
			await Guest.enter(relay, "cy"),
		];
		ann.seat.move(cursor(3));
		expect(bob.messages.at(-1)).toBe(cy.messages.at(-1));
	});

	it("[PRES-5] nothing comes of a session after it has left", async () => {
		const relay = newRelay();
		const [ann, bob] = [
			await Guest.enter(relay, "ann"),
			await Guest.enter(relay, "bob"),
		];
		ann.seat.move(cursor(1));
		ann.seat.move(cursor(2));
		relay.announce(doc, "left", ann.present);
		relay.leave(doc, ann.seat);
		clock.advance(1_000);
		expect(bob.heard.at(-1)?.type).toBe("presence:left");
		inBook = [ann.present];
		expect(await relay.present(bob.seat, bob.present)).toEqual(inBook);
	});

	it("[PRES-4] who falls silent is idle and then away for the others, and the service is told in one batch", async () => {
		const relay = newRelay();
		const [ann, bob] = [
			await Guest.enter(relay, "ann"),
			await Guest.enter(relay, "bob"),
		];
		ann.seat.move(cursor(1));
		clock.advance(59_000);
		await answers();
		expect(bob.updates()).toHaveLength(1);
		reported.length = 0;
		clock.advance(1_000);
		expect(bob.updates().at(-1)).toMatchObject({
			status: "idle",
			...cursor(1),
		});
		expect(reported.flat().map(({ status }) => status)).toEqual([
			"idle",
			"idle",
		]);
		await answers();
		clock.advance(240_000);
		expect(bob.updates().at(-1)).toMatchObject({ status: "away" });
		clock.advance(1_000);
		ann.seat.act();
		expect(bob.updates().at(-1)).not.toHaveProperty("status");
	});

	it("[PRES-7] a gateway gives a sign of life every 10 s, and enters its sessions again when it was forgotten", async () => {
		const relay = newRelay();
		const [ann, bob] = [
			await Guest.enter(relay, "ann"),
			await Guest.enter(relay, "bob"),
		];
		clock.advance(9_000);
		expect(reported).toEqual([]);
		clock.advance(1_000);
		expect(reported).toEqual([[]]);
		await answers();
		entered = [];
		isKnown = false;
		clock.advance(10_000);
		expect(reported).toEqual([[], []]);
		await answers();
		expect(entered).toEqual([ann.present.sessionId, bob.present.sessionId]);
		expect(bob.heard.at(-1)).toMatchObject({
			type: "presence:joined",
			data: { session: ann.present },
		});
	});
});

describe("presence while its service is away", () => {
	/** Lets a beat pass, and the answers to it arrive. */
	async function beat(): Promise<void> {
		clock.advance(1_000);
		await answers();
	}

	it("[PRES-9] who comes in sees those on his gateway, and the log has one line", async () => {
		const relay = newRelay();
		isAway = true;
		const ann = await Guest.enter(relay, "ann");
		const bob = await Guest.enter(relay, "bob");
		expect(ann.met).toEqual([]);
		expect(bob.met).toEqual([ann.present]);
		expect(ann.heard.at(-1)?.type).toBe("presence:joined");
		for (let beats = 0; beats < 15; beats++) await beat();
		expect(lines).toEqual(["presence not told"]);
	});

	it("[PRES-9] on its return it is told all anew, and who came in is told of the others", async () => {
		const relay = newRelay();
		const ann = await Guest.enter(relay, "ann");
		isAway = true;
		const bob = await Guest.enter(relay, "bob");
		await beat();
		entered = [];
		isAway = false;
		const far = new Guest("far");
		inBook = [far.present, ann.present];
		await beat();
		expect(forgettings).toBe(1);
		expect(entered).toEqual([ann.present.sessionId, bob.present.sessionId]);
		const toldOf = ({ heard }: Guest, { present }: Guest): number =>
			heard.filter(
				({ type, data }) =>
					type === "presence:joined" &&
					(data.session as PresentSession).sessionId === present.sessionId,
			).length;
		expect(toldOf(bob, far)).toBe(1);
		expect(toldOf(ann, far)).toBe(0);
		await beat();
		expect(forgettings).toBe(1);
		expect(toldOf(bob, far)).toBe(1);
	});

	it("[PRES-9] who left meanwhile is not in the book any more", async () => {
		const relay = newRelay();
		const ann = await Guest.enter(relay, "ann");
		const bob = await Guest.enter(relay, "bob");
		entered = [];
		isAway = true;
		bus.isHolding = true;
		relay.leave(doc, ann.seat);
		relay.part(doc, ann.present);
		await answers();
		bus.drop();
		bus.isHolding = false;
		isAway = false;
		await beat();
		expect(bob.heard.at(-1)).toEqual({
			type: "presence:left",
			room: doc,
			data: { prdId: doc, session: ann.present },
		});
		await beat();
		expect(forgettings).toBe(1);
		expect(entered).toEqual([bob.present.sessionId]);
	});

	it("[PRES-9] a first report that finds nothing missing is no news", async () => {
		const relay = newRelay();
		const ann = await Guest.enter(relay, "ann");
		const bob = await Guest.enter(relay, "bob");
		const heard = ann.heard.length;
		isKnown = false;
		for (let beats = 0; beats < 10; beats++) await beat();
		expect(reported).toEqual([[]]);
		expect(ann.heard).toHaveLength(heard);
		expect(bob.heard).toEqual([]);
	});
});

describe("presence between gateways", () => {
	it("[PRES-6] a joiner on another gateway gets cursors and status as they were last told", async () => {
		const [one, other] = [newRelay(), newRelay()];
		const ann = await Guest.enter(one, "ann");
		ann.seat.move({ cursor: { line: 4, ch: 2 }, revision: 9 });
		ann.seat.say("typing");
		clock.advance(50);
		const bob = await Guest.enter(other, "bob");
		inBook = [ann.present];
		expect(await other.present(bob.seat, bob.present)).toEqual([
			{
				...ann.present,
				cursor: { line: 4, ch: 2 },
				revision: 9,
				status: "typing",
			},
		]);
		const heard = ann.updates().length;
		bob.seat.move(cursor(1));
		expect(ann.updates()).toHaveLength(heard + 1);
	});

	it("[PRES-6] what others have heard is not told to them again when a gateway asks", async () => {
		const [one, other] = [newRelay(), newRelay()];
		const ann = await Guest.enter(one, "ann");
		const bob = await Guest.enter(one, "bob");
		ann.seat.move(cursor(1));
		await Guest.enter(other, "cy");
		expect(bob.updates()).toHaveLength(1);
	});
});
