import type {
	DocumentHeadMessage,
	OpMessage,
} from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelMessage } from "../shared/ports/channel-bus.ts";
import type { Backend } from "./backend.ts";
import { Delivery } from "./delivery.ts";

/** A session in a document, as the channel sees it. */
export interface ChannelMember {
	/** Newest revision that it has got. */
	deliveredRev: number;
	/** The op of `deliveredRev`, which has just been raised to it. */
	deliver(delivery: Delivery): void;
	/** What is missing cannot be had: it must come back and recover. */
	lost(): void;
}

export interface ChannelDeps {
	readonly backend: Pick<Backend, "opsSince">;
	readonly clock: Clock;
	readonly log: Logger;
}

/** Ops that wait behind a gap, or for a joiner; beyond this many the log is asked instead. */
const HELD_OPS = 1_024;
const READ_TRIES = 3;
const READ_PAUSE_MS = 100;

/** One open document of one gateway: ops in `rev` order, exactly once per member. */
export class Channel {
	readonly docId: DocId;
	readonly #deps: ChannelDeps;
	readonly #members = new Set<ChannelMember>();
	/** Newest revision that the members have got; unknown until the first of them has joined. */
	#rev: number | undefined;
	/** Newest revision heard of. */
	#goal = 0;
	/** Ops ahead of `#rev`, and, while somebody joins, those that he may need. */
	readonly #held = new Map<number, Delivery>();
	#joining = 0;
	#filling = false;

	constructor(docId: DocId, deps: ChannelDeps) {
		this.docId = docId;
		this.#deps = deps;
	}

	get isIdle(): boolean {
		return this.#joining === 0 && this.#members.size === 0;
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
		} finally {
			this.#joining -= 1;
		}
		this.#drain();
		this.#prune();
		this.#fillWhenBehind();
	}

	remove(member: ChannelMember): void {
		this.#members.delete(member);
	}

	readonly receive = ({ head, body }: ChannelMessage): void => {
		const heard = head as DocumentHeadMessage;
		// An op without a body was too big for the bus: the log has it.
		if (heard.kind === "head" || body === undefined) this.expect(heard.rev);
		else this.#take(new Delivery(this.docId, { head: heard, body }, true));
	};

	/** That revision is committed: when it does not come by itself, it is read from the log. */
	expect(rev: number): void {
		this.#goal = Math.max(this.#goal, rev);
		this.#fillWhenBehind();
	}

	#take(delivery: Delivery): void {
		const { rev } = delivery.head;
		this.#goal = Math.max(this.#goal, rev);
		const here = this.#rev;
		if (this.#joining > 0 && this.#held.size < HELD_OPS)
			this.#held.set(rev, delivery);
		if (here === undefined || rev <= here) return;
		if (rev === here + 1) {
			this.#give(delivery);
			this.#drain();
		} else {
			if (this.#held.size < HELD_OPS) this.#held.set(rev, delivery);
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
		member.deliveredRev += 1;
		member.deliver(delivery);
	}

	/** Gives what was held and has become contiguous. */
	#drain(): void {
		if (this.#held.size === 0 || this.#rev === undefined) return;
		for (;;) {
			const next = this.#held.get(this.#rev + 1);
			if (next === undefined) return;
			if (this.#joining === 0) this.#held.delete(next.head.rev);
			this.#give(next);
		}
	}

	#prune(): void {
		if (this.#joining > 0 || this.#rev === undefined) return;
		for (const rev of this.#held.keys())
			if (rev <= this.#rev) this.#held.delete(rev);
	}

	/** Brings one joiner to the channel's place, from what was held or from the log. */
	async #catchUp(member: ChannelMember): Promise<void> {
		for (let tries = 0; tries < READ_TRIES; tries++) {
			this.#giveHeld(member);
			while (member.deliveredRev < (this.#rev ?? 0)) {
				const before = member.deliveredRev;
				for (const op of await this.#read(before))
					this.#giveTo(member, new Delivery(this.docId, op, false));
				this.#giveHeld(member);
				if (member.deliveredRev === before) break;
			}
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
		}
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
			for (const op of await this.#read(before))
				this.#take(new Delivery(this.docId, op, false));
			if (this.#rev > before) tries = 0;
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

	async #read(since: number): Promise<readonly OpMessage[]> {
		try {
			return await this.#deps.backend.opsSince(this.docId, since);
		} catch (err) {
			this.#deps.log.warn({ doc: this.docId, since, err }, "log not read");
			return [];
		}
	}

	#pause(tries: number): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#deps.clock.after(READ_PAUSE_MS * 2 ** tries, resolve);
		return promise;
	}
}
