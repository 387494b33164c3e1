/** What becomes of a published message; `late`: it goes out after the next one of its publisher. */
export type Fate = "pass" | "drop" | "twice" | "late";

const LINE_END = Buffer.from("\r\n");

/**
 * Sits between a client of NATS and its server and does to published messages what a real network may do between two
 * nodes: loses, repeats and reorders them. Everything else passes as it is.
 */
export class NatsMangler {
	readonly #fateOf: (subject: string) => Fate;
	#rest: Buffer = Buffer.alloc(0);
	#late: Buffer[] = [];

	constructor(fateOf: (subject: string) => Fate) {
		this.#fateOf = fateOf;
	}

	/** Bytes of the client; answers with those that the server gets for them. */
	take(chunk: Buffer): Buffer {
		this.#rest = Buffer.concat([this.#rest, chunk]);
		const passed: Buffer[] = [];
		for (;;) {
			const frame = this.#next();
			if (frame === undefined) return Buffer.concat(passed);
			passed.push(...this.#pass(frame));
		}
	}

	/** A whole protocol line, with its payload when it has one. */
	#next(): Buffer | undefined {
		const end = this.#rest.indexOf(LINE_END);
		if (end < 0) return undefined;
		const words = this.#rest.toString("latin1", 0, end).split(" ");
		const size = isPublish(words[0])
			? end + Number(words.at(-1)) + 2 * LINE_END.length
			: end + LINE_END.length;
		if (this.#rest.length < size) return undefined;
		const frame = this.#rest.subarray(0, size);
		this.#rest = this.#rest.subarray(size);
		return frame;
	}

	#pass(frame: Buffer): readonly Buffer[] {
		const [verb, subject = ""] = frame
			.toString("latin1", 0, frame.indexOf(LINE_END))
			.split(" ");
		if (!isPublish(verb)) return [frame];
		const fate = this.#fateOf(subject);
		if (fate === "drop") return [];
		if (fate === "late") {
			this.#late.push(frame);
			return [];
		}
		const late = this.#late;
		this.#late = [];
		return fate === "twice" ? [frame, frame, ...late] : [frame, ...late];
	}
}

const isPublish = (verb: string | undefined): boolean =>
	verb !== undefined && /^H?PUB$/i.test(verb);
