import { Authenticator } from "../../src/gateway/authenticate.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import type { Clock } from "../../src/shared/clock.ts";
import type { DocId, SessionId } from "../../src/shared/ids.ts";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import type { LogFields, Logger } from "../../src/shared/logger.ts";
import { ManualClock } from "./manual-clock.ts";
import { SimBareClient } from "./sim-bare-client.ts";
import { type BareHost, type BareStyle, SIM_DOC } from "./sim-bare-wire.ts";
import { SimBus } from "./sim-bus.ts";
import { SimCalls, simBackend } from "./sim-calls.ts";
import { SimDisk } from "./sim-disk.ts";
import { CALM, type SimFaults } from "./sim-faults.ts";
import { type LinkEnd, SimLink } from "./sim-link.ts";
import { SimOwner } from "./sim-owner.ts";
import { type SimPerson, SimTypist } from "./sim-person.ts";
import { SimRandom } from "./sim-random.ts";
import { SimSdkClient } from "./sim-sdk-client.ts";
import { SimTapes } from "./sim-tape.ts";
import { SimWeakList } from "./sim-weak-list.ts";

const SECRET = "a-secret-of-the-simulation-of-32-bytes";

export interface Declared {
	readonly rev: number;
	readonly own: readonly string[];
}

interface SimGateway {
	readonly gateway: Gateway;
	/** Set when its process has ended. */
	readonly life: { isOver: boolean };
	readonly bus: ReturnType<SimBus["view"]>;
	readonly links: Set<SimLink>;
}

/** One turn of the event loop and what follows from it; a commit queue waits for the next one. */
export async function settle(): Promise<void> {
	for (let i = 0; i < 3; i++) await new Promise(setImmediate);
}

/** Everything between the keyboards and the disk, and what was seen of it. */
export class SimWorld {
	readonly seed: number;
	readonly random: SimRandom;
	readonly clock = new ManualClock();
	readonly tapes = new SimTapes();
	readonly weakList = new SimWeakList();
	readonly declared = new Map<string, Declared>();
	readonly disk: SimDisk;
	readonly bus: SimBus;
	readonly calls: SimCalls;
	readonly links: SimLink[] = [];
	readonly people: SimPerson[] = [];
	owners: SimOwner[] = [];
	readonly counts = new Map<string, number>();
	trace: ((line: string) => void) | undefined;
	faults: SimFaults;
	readonly #gateways: SimGateway[] = [];
	readonly #typist: SimTypist;
	readonly #carets = new Map<SimPerson, number>();
	readonly #mayLose: boolean;
	#names = 0;

	constructor(seed: number, faults: SimFaults) {
		this.seed = seed;
		this.random = new SimRandom(seed);
		this.faults = faults;
		this.#mayLose = faults.lose > 0;
		this.disk = new SimDisk(this.random, faults);
		this.bus = new SimBus(this.random, faults);
		this.calls = new SimCalls(this.random, faults, (caller) =>
			this.#ownerFor(caller),
		);
		this.#typist = new SimTypist(this.random, this.random.pick([0, 0.5, 0.9]));
		this.startOwner();
		for (let i = 0; i < 2; i++) this.#gateways.push(this.#startGateway());
	}

	/** From now on nothing goes wrong; what went wrong stays so. */
	calm(): void {
		this.faults = CALM;
		this.disk.faults = CALM;
		this.bus.faults = CALM;
		this.calls.faults = CALM;
		this.disk.holdReads = 0;
	}

	note(what: string): void {
		this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
	}

	bareClient(userId: string, style: BareStyle): SimBareClient {
		const name = `${style.base}-${++this.#names}`;
		const host: BareHost = {
			docId: SIM_DOC,
			dial: (user, end) => this.#dial(user, end),
			shown: (text) => this.#show(name, text),
			fault: (text) => this.tapes.fault(text),
			remade: (opId) => this.tapes.remade.add(opId),
			declared: (opId, rev, own) => this.declared.set(opId, { rev, own }),
		};
		const client = new SimBareClient(name, userId, style, host);
		this.people.push(client);
		return client;
	}

	sdkClient(userId: string): SimSdkClient {
		const name = `sdk-${++this.#names}`;
		const client = new SimSdkClient(name, userId, {
			docId: SIM_DOC,
			dial: (user, end) => this.#dial(user, end),
			shown: (text) => this.#show(name, text),
			fault: (text) => this.tapes.fault(text),
			clock: this.clock,
			random: this.random,
		});
		this.people.push(client);
		return client;
	}

	#show(name: string, text: string): void {
		this.weakList.show(text);
		this.trace?.(`${name} shows ${text}`);
	}

	edit(person: SimPerson): void {
		const length = [...person.content.text].length;
		const isCompound = person instanceof SimSdkClient;
		const caret = this.#carets.get(person) ?? this.random.below(length + 1);
		const op = this.#typist.op(length, caret, isCompound);
		const [first] = op.t;
		const part = op.t[1];
		const typed = typeof part === "string" ? [...part].length : 0;
		this.#carets.set(person, (typeof first === "number" ? first : 0) + typed);
		this.trace?.(`${person.name} edits ${JSON.stringify(op)}`);
		person.edit(op);
	}

	startOwner(): void {
		const name = `owner-${++this.#names}`;
		const { disk, bus, clock } = this;
		this.owners.push(new SimOwner(name, disk, bus, clock, this.#logger(name)));
	}

	crashOwner(owner: SimOwner): void {
		owner.crash();
		this.calls.gone(owner);
		this.owners = this.owners.filter((other) => other !== owner);
		if (this.owners.length === 0) this.startOwner();
	}

	/** Gateways learn of every connection that has broken. */
	noticeGhosts(): void {
		for (const link of this.links)
			if (link.isCut && !link.isEnded) link.notice();
	}

	/** An owner is told to stop: it finishes what it has begun before another one takes over. */
	async retireOwner(owner: SimOwner): Promise<void> {
		await owner.finish(settle);
		this.calls.gone(owner);
		this.owners = this.owners.filter((other) => other !== owner);
		if (this.owners.length === 0) this.startOwner();
		void owner.directory.close();
	}

	/** A gateway's process ends: its connections break, and nobody is told. */
	crashGateway(): void {
		const index = this.random.below(this.#gateways.length);
		const old = this.#gateways[index] as SimGateway;
		old.bus.drop();
		old.life.isOver = true;
		for (const link of old.links) {
			link.isEnded = true;
			link.cut();
		}
		this.#gateways[index] = this.#startGateway();
	}

	/** Somebody has stored the text at some revision. */
	async snapshot(): Promise<void> {
		const { log, snapshots } = this.disk;
		const { docKey, head } = await log.open(SIM_DOC as DocId);
		const rev = this.random.below(head + 1);
		if (rev > 0) await snapshots.put(docKey, await this.replay(rev));
	}

	/** The document at a revision, by applying the log to nothing. */
	async replay(rev: number) {
		const { log } = this.disk;
		const { docKey } = await log.open(SIM_DOC as DocId);
		const { replayLog } = await import("./sim-check.ts");
		return replayLog(await log.since(docKey, 0, rev, rev), rev);
	}

	async log() {
		const { log } = this.disk;
		const { docKey, head } = await log.open(SIM_DOC as DocId);
		return log.since(docKey, 0, head, head);
	}

	/** Gateways agree on the owner most of the time; with two owners each has its own, and errs now and then. */
	#ownerFor(caller: number): SimOwner {
		const { owners, random } = this;
		return random.chance(0.05)
			? random.pick(owners)
			: (owners[caller % owners.length] as SimOwner);
	}

	#dial(userId: string, end: LinkEnd): SimLink {
		const { gateway, links } = this.random.pick(this.#gateways);
		const link = new SimLink(gateway, userId, end, this.tapes);
		links.add(link);
		this.links.push(link);
		this.note("connections");
		return link;
	}

	#startGateway(): SimGateway {
		const name = `gateway-${++this.#names}`;
		const bus = this.bus.view();
		const { random } = this;
		const life = { isOver: false };
		const clock: Clock = {
			nowMs: () => this.clock.nowMs(),
			after: (delayMs, task) =>
				this.clock.after(delayMs, () => {
					if (!life.isOver) task();
				}),
		};
		const gateway = new Gateway({
			bus,
			clock,
			backend: simBackend(this.calls, random, this.#names),
			log: this.#logger(name),
			limits: DEFAULT_LIMITS,
			authenticator: new Authenticator({ key: SECRET }, clock),
			newSessionId: () => `session-${++this.#names}` as SessionId,
			random: () => random.next(),
			isLimiting: false,
		});
		void gateway.open();
		return { gateway, life, bus, links: new Set() };
	}

	/** Who loses every attempt to read the log tells so. */
	#isToBeExpected(message: string): boolean {
		const isReading = ["gap not filled", "catch-up failed"].includes(message);
		return isReading && this.#mayLose;
	}

	#logger(name: string): Logger {
		const tell = (level: string) => (fields: LogFields, message: string) => {
			const err = fields.err instanceof Error ? fields.err.message : "";
			this.trace?.(
				`${name} ${level}: ${message} ${JSON.stringify(fields)} ${err}`,
			);
			if (level === "error" && !this.#isToBeExpected(message))
				this.note(`log: ${message}`);
		};
		return { info: tell("info"), warn: tell("warn"), error: tell("error") };
	}
}
