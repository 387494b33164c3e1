import {
	isRevokedBy,
	type Revocation,
	type TokenMark,
} from "../rooms/revocation-store.ts";
import type { Clock } from "../shared/clock.ts";
import type { Backend } from "./backend.ts";

/** What was heard so recently that a look-up under way may have missed it. */
const RECENT_MS = 60_000;
const MOST_RECENT = 1_000;

interface Waiting {
	readonly mark: TokenMark;
	readonly settle: PromiseWithResolvers<boolean>;
}

/** Whether tokens have been revoked: the database says it, asked once for all tokens of an event-loop turn. */
export class RevocationCheck {
	readonly #backend: Pick<Backend, "listRevocations">;
	readonly #clock: Clock;
	#turn: Waiting[] = [];
	#recent: { readonly revocation: Revocation; readonly atMs: number }[] = [];

	constructor(backend: Pick<Backend, "listRevocations">, clock: Clock) {
		this.#backend = backend;
		this.#clock = clock;
	}

	/** Rejects when it cannot be known now. */
	async isRevoked(mark: TokenMark): Promise<boolean> {
		const settle = Promise.withResolvers<boolean>();
		if (this.#turn.push({ mark, settle }) === 1)
			setImmediate(() => void this.#ask());
		// Heard while the database was asked: its answer may be older.
		return (await settle.promise) || this.#hasHeard(mark);
	}

	hear(revocation: Revocation): void {
		const atMs = this.#clock.nowMs();
		this.#recent = [...this.#recent, { revocation, atMs }]
			.filter((heard) => atMs - heard.atMs < RECENT_MS)
			.slice(-MOST_RECENT);
	}

	#hasHeard(mark: TokenMark): boolean {
		return this.#recent.some(({ revocation }) => isRevokedBy(mark, revocation));
	}

	async #ask(): Promise<void> {
		const turn = this.#turn;
		this.#turn = [];
		try {
			const marks = turn.map(({ mark }) => mark);
			const revocations = await this.#backend.listRevocations(marks);
			for (const { mark, settle } of turn)
				settle.resolve(revocations.some((one) => isRevokedBy(mark, one)));
		} catch (error) {
			for (const { settle } of turn) settle.reject(error);
		}
	}
}
