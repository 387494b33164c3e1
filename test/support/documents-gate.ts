/** A door that a test shuts: who comes waits until it is opened, or is turned away. */
export class Gate {
	#isShut = false;
	readonly #waiting: PromiseWithResolvers<void>[] = [];
	readonly #watchers: (() => void)[] = [];

	/** Who comes from now on waits. */
	shut(): void {
		this.#isShut = true;
	}

	/** Lets everybody through, now and from now on. */
	open(): void {
		this.#isShut = false;
		for (const { resolve } of this.#waiting.splice(0)) resolve();
	}

	/** Turns those who wait away. */
	refuse(error: Error): void {
		for (const { reject } of this.#waiting.splice(0)) reject(error);
	}

	/** Resolves as soon as somebody waits. */
	async arrival(): Promise<void> {
		if (this.#waiting.length > 0) return;
		await new Promise<void>((resolve) => {
			this.#watchers.push(resolve);
		});
	}

	async pass(): Promise<void> {
		if (!this.#isShut) return;
		const turn = Promise.withResolvers<void>();
		this.#waiting.push(turn);
		for (const watch of this.#watchers.splice(0)) watch();
		await turn.promise;
	}
}
