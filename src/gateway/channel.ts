import type {
	DocumentHeadMessage,
	OpMessage,
} from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ServerEventName } from "../protocol/events.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelMessage } from "../shared/ports/channel-bus.ts";
import type { Backend } from "./backend.ts";
import type { ChannelMember } from "./channel-member.ts";
import { Delivery } from "./delivery.ts";
import { DocumentRate } from "./document-rate.ts";
import { HeldOps } from "./held-ops.ts";
import { EventMessage } from "./message.ts";
import { PausedMembers } from "./paused-members.ts";

export interface ChannelDeps {
	readonly backend: Pick<Backend, "opsSince">;
	readonly clock: Clock;
	readonly log: Logger;
}

const READ_TRIES = 3;
const READ_PAUSE_MS = 100;

/** One open document of one gateway: ops in `rev` order, exactly once per member. */
export class Channel {
	readonly docId: DocId;
	readonly rate = new DocumentRate();
	readonly #deps: ChannelDeps;
	readonly #members = new Set<ChannelMember>();
	#rev: number | undefined;
	/** Newest revision heard of. */
	#goal = 0;
	/** Ops ahead of `#rev`, and, while somebody joins, those that he may need. */
	readonly #held = new HeldOps();
	/** Made for the first member that reads slowly. */
	#paused: PausedMembers | undefined;
	#joining = 0;
	#filling = false;
	#isDeleted = false;

	constructor(docId: DocId, deps: ChannelDeps) {
		this.docId = docId;
		this.#deps = deps;
	}

	#pausedMembers(): PausedMembers {
		this.#paused ??= new PausedMembers({
			isBehind: (member) =>
				this.#members.has(member) && member.deliveredRev < (this.#rev ?? 0),
			read: (since) => this.#read(since),
			giveAll: (member, ops) => this.#giveAll(member, ops),
			leaveBehind: (member) => this.#leaveBehind(member),
			rest: (tries) => this.#pause(tries),
		});
		return this.#paused;
	}

	get isIdle(): boolean {
		return this.#joining === 0 && this.#members.size === 0;
	}

	/** Newest revision that the members have got; undefined before the first of them has joined. */
	get rev(): number | undefined {
		return this.#rev;
	}

	/** From here on everything is kept for the joiner, until `admit` or `giveUp`. */
	beginJoin(): void {
		this.#joining += 1;
	}

	giveUp(): void {
		this.#joining -= 1;
		this.#prune();
	}

	/** Ends `beginJoin`: gives the member every op above `rev`, then keeps it up to date. */
	async admit(member: ChannelMember, rev: number): Promise<void> {
		member.deliveredRev = rev;
		this.#rev ??= rev;
		this.#goal = Math.max(this.#goal, rev);
		try {
			await this.#catchUp(member);
			this.#members.add(member);
			this.#rev ??= member.deliveredRev;
		} finally {
			this.#joining -= 1;
		}
		if (this.#isDeleted) member.deleted();
		this.#drain();
		this.#prune();
		this.#fillWhenBehind();
	}

	remove(member: ChannelMember): void {
		this.#members.delete(member);
		this.#paused?.delete(member);
	}

	/** Whether a member has less than the channel because its peer reads slowly. */
	isPaused(member: ChannelMember): boolean {
		return this.#paused?.has(member) === true;
	}

	receive({ head, body }: ChannelMessage): void {
		const heard = head as DocumentHeadMessage;
		if (heard.kind === "deleted") this.#delete();
		else if (heard.kind === "event") this.#tell(heard, body);
		// An op without a body was too big for the bus: the log has it.
		else if (heard.kind === "head" || body === undefined)
			this.expect(heard.rev);
		else this.#take(new Delivery(this.docId, { head: heard, body }, true));
	}

	/** That revision is committed: when it does not come by itself, it is read from the log. */
	expect(rev: number): void {
		this.#goal = Math.max(this.#goal, rev);
		this.#fillWhenBehind();
	}

	/** Whoever is still coming in hears of it when he has. */
	#delete(): void {
		this.#isDeleted = true;
		for (const member of [...this.#members]) member.deleted();
	}

	#tell(
		{
			name,
			except,
			inCodePoints,
		}: Extract<DocumentHeadMessage, { kind: "event" }>,
		body = "{}",
	): void {
		const messageOf = (json: string) =>
			new EventMessage(name as ServerEventName, [json], this.docId);
		const utf16 = messageOf(body);
		const codepoint =
			inCodePoints === undefined ? utf16 : messageOf(inCodePoints);
		const told = { utf16, codepoint };
		for (const member of this.#members) member.tell(told, except);
	}

	#take(delivery: Delivery): void {
		const { rev } = delivery.head;
		this.#goal = Math.max(this.#goal, rev);
		const here = this.#rev;
		if (this.#joining > 0) this.#held.keep(delivery);
		if (here === undefined || rev <= here) return;
		if (rev === here + 1) {
			this.#give(delivery);
			this.#drain();
		} else {
			this.#held.keep(delivery);
			this.#fillWhenBehind();
		}
	}

	#give(delivery: Delivery): void {
		const { rev } = delivery.head;
		this.#rev = rev;
		for (const member of this.#members) this.#giveTo(member, delivery);
	}

	#giveTo(member: ChannelMember, delivery: Delivery): void {
		// A member may have joined ahead of the channel: what it has is not for it.
		if (delivery.head.rev !== member.deliveredRev + 1) return;
		if (member.isCongested) this.#pausedMembers().add(member);
		else {
			member.deliveredRev += 1;
			member.deliver(delivery);
		}
	}

	/** Gives what was held and has become contiguous. */
	#drain(): void {
		if (this.#held.isEmpty || this.#rev === undefined) return;
		for (;;) {
			const next = this.#held.get(this.#rev + 1);
			if (next === undefined) return;
			if (this.#joining === 0) this.#held.delete(next.head.rev);
			this.#give(next);
		}
	}

	#prune(): void {
		if (this.#joining === 0 && this.#rev !== undefined)
			this.#held.prune(this.#rev);
	}

	/** Brings one joiner to the channel's place, from what was held or from the log. */
	async #catchUp(member: ChannelMember): Promise<void> {
		for (let tries = 0; tries < READ_TRIES; tries++) {
			this.#giveHeld(member);
			while (member.deliveredRev < (this.#rev ?? 0)) {
				const before = member.deliveredRev;
				this.#giveAll(member, (await this.#read(before)) ?? []);
				this.#giveHeld(member);
				if (member.deliveredRev === before) break;
			}
			if (this.#isDeleted || this.isPaused(member)) return;
			if (member.deliveredRev >= (this.#rev ?? 0)) return;
			await this.#pause(tries);
		}
		throw new CollabError("UNAVAILABLE", "The document's log cannot be read");
	}

	#giveHeld(member: ChannelMember): void {
		for (;;) {
			const next = this.#held.get(member.deliveredRev + 1);
			if (next === undefined || next.head.rev > (this.#rev ?? 0)) return;
			this.#giveTo(member, next);
			if (member.deliveredRev < next.head.rev) return;
		}
	}

	#giveAll(member: ChannelMember, ops: readonly OpMessage[]): void {
		for (const op of ops) {
			this.#giveTo(member, new Delivery(this.docId, op, false));
			if (this.isPaused(member) && member.isCongested) return;
		}
	}

	#leaveBehind(member: ChannelMember): void {
		this.remove(member);
		member.tooFarBehind();
	}

	#fillWhenBehind(): void {
		if (this.#filling || this.#rev === undefined || this.#goal <= this.#rev)
			return;
		void this.#fill();
	}

	/** Reads the gap, one read at a time; after `READ_TRIES` without progress the members have lost their place. */
	async #fill(): Promise<void> {
		this.#filling = true;
		let tries = 0;
		while (this.#rev !== undefined && this.#rev < this.#goal && !this.isIdle) {
			const before: number = this.#rev;
			const ops = await this.#read(before);
			for (const op of ops ?? [])
				this.#take(new Delivery(this.docId, op, false));
			if (this.#rev > before) tries = 0;
			else if (ops?.length === 0) this.#startOver();
			else if (++tries === READ_TRIES) this.#lose();
			else await this.#pause(tries);
		}
		// In the same turn as the last look at the goal: whoever raises it from here on starts the next read.
		this.#filling = false;
	}

	#lose(): void {
		this.#deps.log.error({ doc: this.docId, rev: this.#rev }, "gap not filled");
		for (const member of [...this.#members]) member.lost();
		this.#goal = this.#rev ?? 0;
	}

	/** The gap is too wide to be told op by op: everybody gets the text, and the first of them gives the place. */
	#startOver(): void {
		this.#deps.log.warn({ doc: this.docId, rev: this.#rev }, "gap too wide");
		this.#rev = undefined;
		this.#goal = 0;
		for (const member of [...this.#members]) this.#leaveBehind(member);
	}

	/** Undefined: the log could not be read; none: it does not tell that part op by op. */
	async #read(since: number): Promise<readonly OpMessage[] | undefined> {
		try {
			return await this.#deps.backend.opsSince(this.docId, since);
		} catch (err) {
			this.#deps.log.warn({ doc: this.docId, since, err }, "log not read");
			return undefined;
		}
	}

	#pause(tries: number): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#deps.clock.after(READ_PAUSE_MS * 2 ** tries, resolve);
		return promise;
	}
}
