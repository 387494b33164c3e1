/** What a connection may send while its token is looked at. */
const MOST_FRAMES = 64;
const MOST_CHARS = 65_536;

/** Frames that came behind `auth`, in order, until it is known whose they are. */
export class Greeting {
	readonly #held: string[] = [];
	#chars = 0;

	/** False: too much from somebody who is not known yet. */
	hold(text: string): boolean {
		this.#chars += text.length;
		return this.#held.push(text) <= MOST_FRAMES && this.#chars <= MOST_CHARS;
	}

	take(): readonly string[] {
		return this.#held;
	}
}
