type Listener<Event> = (event: Event) => void;

/**
 * Typed listeners by name. Events are told one after the other, also when a listener causes the next one; a throwing
 * listener does not keep the others from hearing.
 */
export class Emitter<Events extends object> {
	readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
	readonly #untold: (() => void)[] = [];
	#isTelling = false;

	/** @returns a function that takes the listener off again */
	on<Name extends keyof Events>(
		name: Name,
		listener: Listener<Events[Name]>,
	): () => void {
		const known = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, known.add(listener));
		return () => known.delete(listener);
	}

	emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
		this.#untold.push(() => this.#tell(name, event));
		if (this.#isTelling) return;
		this.#isTelling = true;
		for (let next = this.#untold.shift(); next; next = this.#untold.shift())
			next();
		this.#isTelling = false;
	}

	#tell<Name extends keyof Events>(name: Name, event: Events[Name]): void {
		for (const listener of [...(this.#listeners.get(name) ?? [])])
			try {
				(listener as Listener<Events[Name]>)(event);
			} catch (error) {
				// Reported as the platform reports any uncaught error, after our own work is done.
				queueMicrotask(() => {
					throw error;
				});
			}
	}
}
