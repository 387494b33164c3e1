/**
 * The weak list specification: any two characters have one relative order in every text that anybody ever showed
 * (deleted characters may differ in who was between). Characters are unique, so they are their own identity.
 */
export class SimWeakList {
	readonly #texts = new Set<string>();

	show(text: string): void {
		this.#texts.add(text);
	}

	/** Two characters that were seen in both orders; undefined: there are none. */
	contradiction(): readonly [string, string] | undefined {
		return this.#hasTotalOrder() ? undefined : this.#search();
	}

	/** One order for everything, which is more than asked and quick to find: neighbours suffice. */
	#hasTotalOrder(): boolean {
		const after = new Map<string, Set<string>>();
		const before = new Map<string, number>();
		for (const text of this.#texts) {
			let last: string | undefined;
			for (const char of text) {
				const followers = after.get(char) ?? new Set();
				after.set(char, followers);
				const previous = last === undefined ? undefined : after.get(last);
				if (previous !== undefined && !previous.has(char)) {
					previous.add(char);
					before.set(char, (before.get(char) ?? 0) + 1);
				}
				last = char;
			}
		}
		const free = [...after.keys()].filter((char) => !before.get(char));
		let placed = 0;
		for (let char = free.pop(); char !== undefined; char = free.pop()) {
			placed++;
			for (const next of after.get(char) ?? []) {
				const left = (before.get(next) ?? 0) - 1;
				before.set(next, left);
				if (left === 0) free.push(next);
			}
		}
		return placed === after.size;
	}

	#search(): readonly [string, string] | undefined {
		const seen = new Map<string, Set<string>>();
		for (const text of this.#texts) {
			const chars = [...text];
			for (const [i, char] of chars.entries()) {
				const followers = seen.get(char) ?? new Set();
				seen.set(char, followers);
				for (const later of chars.slice(i + 1)) {
					if (later === char || seen.get(later)?.has(char))
						return [char, later];
					followers.add(later);
				}
			}
		}
		return undefined;
	}
}
