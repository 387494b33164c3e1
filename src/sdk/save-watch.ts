import type { SdkError } from "./errors.ts";

/** `offline`: unsent edits wait here; `failed`: an edit was not taken, or can never be sent. */
export type SaveState = "saved" | "saving" | "offline" | "failed";
export interface SaveReport {
	readonly saveState: SaveState;
	/** Edits that are not committed yet. */
	readonly unsent: number;
	/** Why it is `failed`. */
	readonly error?: SdkError;
}

interface Waiter {
	readonly resolve: () => void;
	readonly reject: (error: SdkError) => void;
}

/** Keeps the honest answer to "is it saved?", tells changes of it, and lets people wait for it. */
export class SaveWatch {
	readonly #tell: (report: SaveReport) => void;
	#report: SaveReport = { saveState: "offline", unsent: 0 };
	#failure: SdkError | undefined;
	#waiters: Waiter[] = [];

	constructor(tell: (report: SaveReport) => void) {
		this.#tell = tell;
	}

	get report(): SaveReport {
		return this.#report;
	}

	/** @param over set when nothing will be sent any more */
	update(unsent: number, live: boolean, over: SdkError | undefined): void {
		const lost = unsent > 0 ? over : undefined;
		const before = this.#report;
		this.#report = reportOf(unsent, live, lost ?? this.#failure);
		if (lost !== undefined) this.#settle((waiter) => waiter.reject(lost));
		else if (unsent === 0) this.#settle((waiter) => waiter.resolve());
		const { saveState, error } = this.#report;
		if (
			before.saveState !== saveState ||
			before.unsent !== unsent ||
			before.error !== error
		)
			this.#tell(this.#report);
	}

	/** An edit was refused: "saved" would not be true again before the next edit is. */
	failed(error: SdkError): void {
		this.#failure = error;
		this.#settle((waiter) => waiter.reject(error));
	}

	succeeded(): void {
		this.#failure = undefined;
	}

	/** Resolves when everything edited up to now is committed; rejects when one of those edits never will be. */
	whenSaved(): Promise<void> {
		return new Promise((resolve, reject) => {
			if (this.#report.unsent === 0) resolve();
			else this.#waiters.push({ resolve, reject });
		});
	}

	#settle(how: (waiter: Waiter) => void): void {
		const waiters = this.#waiters;
		this.#waiters = [];
		for (const waiter of waiters) how(waiter);
	}
}

function reportOf(
	unsent: number,
	live: boolean,
	error: SdkError | undefined,
): SaveReport {
	if (error !== undefined) return { saveState: "failed", unsent, error };
	if (!live) return { saveState: "offline", unsent };
	return { saveState: unsent === 0 ? "saved" : "saving", unsent };
}
