const MOST = 2_000;
/** Longer ones are checked anew each time. */
const MOST_CHARS = 1_024;

/** What is known of tokens whose signature was found good, the newest of them: clients come back with the one they have. */
export class KnownTokens<T> {
	/** The oldest first. */
	readonly #tokens = new Map<string, T>();

	get(token: string): T | undefined {
		return this.#tokens.get(token);
	}

	keep(token: string, known: T): void {
		if (token.length > MOST_CHARS) return;
		this.#tokens.set(token, known);
		const [oldest] = this.#tokens.keys();
		if (this.#tokens.size > MOST && oldest !== undefined)
			this.#tokens.delete(oldest);
	}
}
