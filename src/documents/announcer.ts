import type { HeadMessage, OpMessage } from "../protocol/document-message.ts";
import type { DocId } from "../shared/ids.ts";
import type { ActorPorts } from "./actor-ports.ts";

/** After the last op its number is told again, so that whoever has missed it notices. */
const REPEATS_MS = [500, 2_000, 5_000];

type Ports = Pick<ActorPorts, "publish" | "logger" | "clock">;

/** Tells a document's channel what is on disk. */
export class Announcer {
	readonly #docId: DocId;
	readonly #ports: Ports;
	/** After a failed commit: the revision up to which the channel has been told. */
	#toldRev: number | undefined;
	#lastRev = 0;
	#lastAtMs = 0;
	/** Repeats since the last op. */
	#repeats = 0;
	#cancelRepeat: (() => void) | undefined;

	constructor(docId: DocId, ports: Ports) {
		this.#docId = docId;
		this.#ports = ports;
	}

	committed(message: OpMessage): void {
		this.#publish(message);
		this.#lastRev = message.head.rev;
		this.#lastAtMs = this.#ports.clock.nowMs();
		this.#repeats = 0;
		// One timer: a running one finds the newer op when it is due.
		if (this.#cancelRepeat === undefined) this.#plan();
	}

	/** A commit above this revision failed, or nobody knows. */
	lostAt(rev: number): void {
		this.#toldRev ??= rev;
	}

	/** The document was loaded at `rev`: what took effect of a failed commit is told by its number. */
	readBack(rev: number): void {
		if (this.#toldRev !== undefined && this.#toldRev < rev)
			this.#publish({ head: { kind: "head", rev } });
		this.#toldRev = undefined;
	}

	/** Ends the repeats; what would still have been repeated is told once, now. */
	close(): void {
		if (this.#cancelRepeat === undefined) return;
		this.silence();
		this.#publish({ head: { kind: "head", rev: this.#lastRev } });
	}

	/** Ends the repeats. */
	silence(): void {
		this.#cancelRepeat?.();
		this.#cancelRepeat = undefined;
	}

	#plan(): void {
		const dueMs = REPEATS_MS[this.#repeats];
		this.#cancelRepeat =
			dueMs === undefined
				? undefined
				: this.#ports.clock.after(
						Math.min(dueMs, Math.max(0, dueMs - this.#sinceMs())),
						() => this.#repeat(),
					);
	}

	#repeat(): void {
		const sinceMs = this.#sinceMs();
		// A clock that was set back says nothing.
		if (sinceMs < 0 || sinceMs >= (REPEATS_MS[this.#repeats] ?? 0)) {
			this.#repeats += 1;
			this.#publish({ head: { kind: "head", rev: this.#lastRev } });
		}
		this.#plan();
	}

	#sinceMs(): number {
		return this.#ports.clock.nowMs() - this.#lastAtMs;
	}

	/** A message that does not go out is a gap that receivers find by its number. */
	#publish(message: OpMessage | HeadMessage): void {
		try {
			this.#ports.publish(this.#docId, message);
		} catch (err) {
			const { rev: revision } = message.head;
			this.#ports.logger.error(
				{ prdId: this.#docId, revision, err },
				"a message could not be published",
			);
		}
	}
}
