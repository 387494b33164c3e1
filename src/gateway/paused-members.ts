import type { OpMessage } from "../protocol/document-message.ts";
import type { ChannelMember } from "./channel-member.ts";

/** What a paused member needs of its channel. */
export interface PausedHost {
	/** Whether it is a member and has less than the channel. */
	isBehind(member: ChannelMember): boolean;
	/** Undefined: the log could not be read; none: it does not tell that part op by op. */
	read(since: number): Promise<readonly OpMessage[] | undefined>;
	giveAll(member: ChannelMember, ops: readonly OpMessage[]): void;
	/** The log no longer tells the member what it lacks. */
	leaveBehind(member: ChannelMember): void;
	/** Waits before another attempt. */
	rest(tries: number): Promise<void>;
}

const READ_TRIES = 3;

/** Members whose peers read slowly: each goes on from the log when its peer has read what it has. */
export class PausedMembers {
	readonly #host: PausedHost;
	readonly #members = new Set<ChannelMember>();

	constructor(host: PausedHost) {
		this.#host = host;
	}

	has(member: ChannelMember): boolean {
		return this.#members.has(member);
	}

	add(member: ChannelMember): void {
		if (this.#members.has(member)) return;
		this.#members.add(member);
		member.onceDrained(() => void this.#refill(member));
	}

	delete(member: ChannelMember): void {
		this.#members.delete(member);
	}

	async #refill(member: ChannelMember): Promise<void> {
		const host = this.#host;
		let tries = 0;
		while (host.isBehind(member) && !member.isCongested) {
			const before = member.deliveredRev;
			const ops = await host.read(before);
			if (!host.isBehind(member)) break;
			if (ops?.length === 0) return host.leaveBehind(member);
			host.giveAll(member, ops ?? []);
			if (member.deliveredRev > before) tries = 0;
			else if (ops === undefined && ++tries === READ_TRIES)
				return member.lost();
			else if (ops === undefined) await host.rest(tries);
		}
		if (host.isBehind(member))
			member.onceDrained(() => void this.#refill(member));
		else this.#members.delete(member);
	}
}
