/** Requests that wait for their turn together share one run of the task, and its answer. */
export class Gathering<Item, Answer> {
	readonly #inTurn: (task: () => Promise<Answer>) => Promise<Answer>;
	readonly #task: (items: readonly Item[]) => Promise<Answer>;
	#waiting:
		| { readonly items: Item[]; readonly answer: Promise<Answer> }
		| undefined;

	/** @param inTurn runs the task when its turn has come */
	constructor(
		inTurn: (task: () => Promise<Answer>) => Promise<Answer>,
		task: (items: readonly Item[]) => Promise<Answer>,
	) {
		this.#inTurn = inTurn;
		this.#task = task;
	}

	add(items: readonly Item[]): Promise<Answer> {
		if (this.#waiting !== undefined) {
			this.#waiting.items.push(...items);
			return this.#waiting.answer;
		}
		const all = [...items];
		let hasBegun = false;
		const answer = this.#inTurn(() => {
			hasBegun = true;
			this.#waiting = undefined;
			return this.#task(all);
		});
		if (!hasBegun) this.#waiting = { items: all, answer };
		return answer;
	}
}
