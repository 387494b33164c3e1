import type { ServerResponse } from "node:http";

/** Answers to polls on their way: a client that reads none of them has one, however many connections it opens. */
export class EnginePolls {
	readonly #latest = new Map<string, ServerResponse>();

	/** False: the answer to its last poll has not left, so this one gets none. */
	begin(sid: string, response: ServerResponse): boolean {
		const last = this.#latest.get(sid);
		// Two that both wait are the engine's to refuse.
		if (last?.writableEnded === true && !last.writableFinished) return false;
		this.#latest.set(sid, response);
		response.once("close", () => {
			if (this.#latest.get(sid) === response) this.#latest.delete(sid);
		});
		return true;
	}
}
