/** Tells everybody who waits that something has happened. */
export class Signal {
	#waiting: (() => void)[] = [];

	/** Resolves at the next `give`. */
	next(): Promise<void> {
		return new Promise((resolve) => {
			this.#waiting.push(resolve);
		});
	}

	give(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve();
	}
}
