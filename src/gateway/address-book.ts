import { NO_TOKEN, type Rate, TokenBucket } from "../shared/token-bucket.ts";

/** What is remembered of one address. Times are milliseconds since 1970. */
interface Entry {
	handshakesFullAtMs: number;
	failuresFullAtMs: number;
	blockedUntilMs: number;
}

export const HANDSHAKES: Rate = { capacity: 50, perSecond: 10 };
const FAILURES: Rate = { capacity: 5, perSecond: 5 / 60 };
const BLOCK_MS = 900_000;
/** Addresses that are remembered; the one not seen for longest is forgotten. */
const MOST = 10_000;

/** How often each address has come and how often it could not say who it was. */
export class AddressBook {
	readonly #handshakes = new TokenBucket(HANDSHAKES);
	readonly #failures = new TokenBucket(FAILURES);
	/** The longest unseen first. */
	readonly #entries = new Map<string, Entry>();

	/** Counts a handshake; the milliseconds to wait when there have been too many, else 0. */
	knock(address: string, nowMs: number): number {
		const entry = this.#entry(address);
		const next = this.#handshakes.charge(entry.handshakesFullAtMs, nowMs);
		if (next === NO_TOKEN)
			return Math.max(
				1,
				this.#handshakes.waitMs(entry.handshakesFullAtMs, nowMs),
			);
		entry.handshakesFullAtMs = next;
		return 0;
	}

	/** Counts a bad token; true when the address is blocked by it. */
	fail(address: string, nowMs: number): boolean {
		const entry = this.#entry(address);
		if (entry.blockedUntilMs > nowMs) return false;
		const next = this.#failures.charge(entry.failuresFullAtMs, nowMs);
		if (next !== NO_TOKEN) entry.failuresFullAtMs = next;
		if (this.#failures.remaining(entry.failuresFullAtMs, nowMs) > 0)
			return false;
		entry.blockedUntilMs = nowMs + BLOCK_MS;
		return true;
	}

	/** For how many milliseconds bad tokens of the address are not even told apart; 0: it is not blocked. */
	blockedMs(address: string, nowMs: number): number {
		const until = this.#entries.get(address)?.blockedUntilMs ?? 0;
		return Math.max(0, until - nowMs);
	}

	#entry(address: string): Entry {
		const entry = this.#entries.get(address) ?? {
			handshakesFullAtMs: 0,
			failuresFullAtMs: 0,
			blockedUntilMs: 0,
		};
		this.#entries.delete(address);
		this.#entries.set(address, entry);
		const [oldest] = this.#entries.keys();
		if (this.#entries.size > MOST && oldest !== undefined)
			this.#entries.delete(oldest);
		return entry;
	}
}
