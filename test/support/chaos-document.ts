import type { Clock } from "../../src/shared/clock.ts";
import { type ChaosDoor, dial } from "./chaos-line.ts";
import { tokenFor } from "./product.ts";
import { SimBareClient } from "./sim-bare-client.ts";
import type { BareStyle } from "./sim-bare-wire.ts";
import type { Seen } from "./sim-check.ts";
import type { LinkEnd, PersonLink } from "./sim-link.ts";
import { type SimPerson, SimTypist } from "./sim-person.ts";
import type { SimRandom } from "./sim-random.ts";
import { SimSdkClient } from "./sim-sdk-client.ts";
import { SimTape, SimTapes } from "./sim-tape.ts";
import { SimWeakList } from "./sim-weak-list.ts";

const EMOJI = 0.1;
/** A person who has lost the way in tries again after this long. */
const RETRY_MS = 250;

export interface ChaosSetting {
	/** `http://host:port`, the door of the cluster. */
	readonly url: string;
	readonly random: SimRandom;
	readonly clock: Clock;
	/** A number from 0 to 255, of this document alone. */
	readonly net: number;
}

const BARE = {
	unit: "utf16",
	window: 8,
	counting: "count",
	recovers: true,
	withIds: true,
} as const;

/** One document of a real cluster, those who edit it, and everything that they saw. */
export class ChaosDocument implements Seen {
	readonly docId: string;
	readonly tapes = new SimTapes();
	readonly declared = new Map<
		string,
		{ readonly rev: number; readonly own: readonly string[] }
	>();
	readonly people: SimPerson[] = [];
	readonly links: PersonLink[] = [];
	readonly weakList = new SimWeakList();
	readonly #setting: ChaosSetting;
	readonly #typist: SimTypist;
	readonly #carets = new WeakMap<SimPerson, number>();
	readonly #triedAtMs = new WeakMap<SimPerson, number>();

	constructor(docId: string, setting: ChaosSetting) {
		this.docId = docId;
		this.#setting = setting;
		this.#typist = new SimTypist(setting.random, EMOJI);
	}

	/** The library, the seeds' literal clients at both doors, and some that send without waiting. */
	invite(): void {
		const { random } = this.#setting;
		this.#sdk("ann");
		this.#sdk("bob");
		this.#bare("cat", "raw", { ...BARE, base: "clock", counting: "merge" });
		this.#bare("bob", "raw", { ...BARE, base: "revision", unit: "codepoint" });
		// As the API seed's own client: counts by itself, names no operation, hears of them by events.
		this.#bare("dan", "polling", {
			...BARE,
			base: "clock",
			window: 1,
			recovers: false,
			withIds: false,
		});
		this.#bare("eve", "websocket", {
			...BARE,
			base: random.pick(["both", "flat", "native"]),
		});
	}

	/** Somebody types, or comes back in. */
	step(): void {
		const { random, clock } = this.#setting;
		const person = random.pick(this.people);
		if (person.end !== undefined) return;
		if (person.canEdit) {
			this.#edit(person);
			return;
		}
		this.#comeIn(person, clock.nowMs());
	}

	/** Everybody who is away comes back in. */
	gather(): void {
		const nowMs = this.#setting.clock.nowMs();
		for (const person of this.people)
			if (person.end === undefined) this.#comeIn(person, nowMs);
	}

	/** A connection breaks. */
	cutOne(): void {
		const alive = this.links.filter(({ isCut }) => !isCut);
		if (alive.length > 0) this.#setting.random.pick(alive).cut();
	}

	/** Everybody has everything up to that revision, and nothing unsaved. */
	isAtRest(head: number): boolean {
		return this.people.every(
			({ end, isSettled, rev }) =>
				end !== undefined || (isSettled && rev === head),
		);
	}

	/** Everybody hangs up. */
	close(): void {
		for (const link of this.links) link.cut();
	}

	#comeIn(person: SimPerson, nowMs: number): void {
		if (!person.canConnect) return;
		const triedAtMs = this.#triedAtMs.get(person) ?? Number.NEGATIVE_INFINITY;
		if (nowMs - triedAtMs < RETRY_MS) return;
		this.#triedAtMs.set(person, nowMs);
		person.connect();
	}

	#edit(person: SimPerson): void {
		const { random } = this.#setting;
		const length = [...person.content.text].length;
		const caret = this.#carets.get(person) ?? random.below(length + 1);
		const op = this.#typist.op(length, caret, person instanceof SimSdkClient);
		const [first, part] = op.t;
		const typed = typeof part === "string" ? [...part].length : 0;
		this.#carets.set(person, (typeof first === "number" ? first : 0) + typed);
		person.edit(op);
	}

	#bare(userId: string, door: ChaosDoor, style: BareStyle): void {
		const name = `${style.base}-${door}-${userId}-${this.docId}`;
		const { tapes, declared } = this;
		this.people.push(
			new SimBareClient(name, userId, style, {
				...this.#host(door),
				remade: (opId) => tapes.remade.add(opId),
				declared: (opId, rev, own) => declared.set(opId, { rev, own }),
			}),
		);
	}

	#sdk(userId: string): void {
		const { clock, random } = this.#setting;
		const name = `sdk-${userId}-${this.docId}`;
		this.people.push(
			new SimSdkClient(name, userId, { ...this.#host("raw"), clock, random }),
		);
	}

	#host(door: ChaosDoor) {
		const { docId, tapes, weakList } = this;
		// Everybody has an own address, as people have; limits are counted by it.
		const place = `127.1.${this.#setting.net}.${this.people.length + 1}`;
		return {
			docId,
			dial: (userId: string, end: LinkEnd) =>
				this.#dial(userId, door, place, end),
			shown: (text: string) => weakList.show(text),
			fault: (text: string) => tapes.fault(text),
		};
	}

	#dial(
		userId: string,
		door: ChaosDoor,
		localAddress: string,
		end: LinkEnd,
	): PersonLink {
		const link = dial({
			url: this.#setting.url,
			door,
			localAddress,
			token: tokenFor(userId, { permissions: { [this.docId]: "edit" } }),
			end,
			tape: new SimTape(this.tapes, userId),
		});
		this.links.push(link);
		return link;
	}
}
