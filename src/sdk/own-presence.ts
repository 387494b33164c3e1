import type { TextOp } from "../ot/text-op.ts";
import type { Clock } from "../shared/clock.ts";
import type { Origin } from "./doc-host.ts";
import { isSamePlace, movePlace, type Place, toWire } from "./place.ts";
import type { Status } from "./typed-events.ts";

/** What is needed to tell others where one is. */
export interface PresenceHost {
	readonly clock: Clock;
	/** Sends, if there is a session. */
	tell(type: string, data: object): void;
	/** The text as all know it; undefined while we are away, or ahead of it with edits of our own. */
	common(): { readonly rev: number; readonly text: string } | undefined;
}

/** A little more than the 50 ms of the server: no update waits there. */
const TELL_EVERY_MS = 60;
/** In larger rooms a joiner sees us where we move next. */
const GREETED_PEERS = 30;

/**
 * Tells where we write and how we are. Everybody moves our cursor with what is committed by himself, so that only what
 * is not clear from that is told: typing alone costs nothing.
 */
export class OwnPresence {
	readonly #host: PresenceHost;
	readonly #docId: string;
	#place: Place | undefined;
	/** Where the others believe us, in the shown text; undefined when we cannot tell. */
	#told: Place | undefined;
	/** Edits of ours are on their way: what comes meanwhile has another order for us than for the others. */
	#isAhead = false;
	#toldRev = -1;
	#status: Status | undefined;
	#toldStatus: Status | undefined;
	#toldAtMs = Number.NEGATIVE_INFINITY;
	#cancel: (() => void) | undefined;

	constructor(docId: string, host: PresenceHost) {
		this.#docId = docId;
		this.#host = host;
	}

	setPlace(place: Place): void {
		this.#place = place;
		this.tell();
	}

	setStatus(status: Status): void {
		this.#status = status;
		this.tell();
	}

	/** The shown text has changed. */
	move(op: TextOp, origin: Origin): void {
		const isOwn = origin === "local";
		this.#place = this.#place && movePlace(this.#place, op, isOwn);
		if (isOwn) this.#isAhead = true;
		else if (this.#isAhead || origin === "reset") this.#told = undefined;
		this.#told = this.#told && movePlace(this.#told, op, isOwn);
	}

	/** A new session: nobody knows anything of us. */
	forget(): void {
		this.#told = undefined;
		this.#toldStatus = undefined;
		this.tell();
	}

	/** Somebody has joined who cannot know where the cursor of an earlier text is now. */
	greet(peers: number): void {
		const rev = this.#host.common()?.rev;
		if (peers > GREETED_PEERS || rev === this.#toldRev) return;
		this.#told = undefined;
		this.tell();
	}

	close(): void {
		this.#cancel?.();
		this.#cancel = undefined;
	}

	/**
	 * Tells what is new, at once or when it may be told again; called whenever something may have changed.
	 *
	 * @returns true when our edits have just been committed, and others wrote meanwhile
	 */
	tell(): boolean {
		const isSettled = this.#isAhead && this.#host.common() !== undefined;
		if (isSettled) this.#isAhead = false;
		const wasMixed = isSettled && this.#told === undefined;
		if (this.#cancel !== undefined || !this.#hasNews()) return wasMixed;
		const waitMs = this.#toldAtMs + TELL_EVERY_MS - this.#host.clock.nowMs();
		if (waitMs <= 0) this.#tellNow();
		else
			this.#cancel = this.#host.clock.after(waitMs, () => {
				this.#cancel = undefined;
				this.tell();
			});
		return wasMixed;
	}

	#hasNews(): boolean {
		if (this.#host.common() === undefined) return false;
		return this.#status !== this.#toldStatus || this.#isElsewhere();
	}

	#isElsewhere(): boolean {
		const [place, told] = [this.#place, this.#told];
		return (
			place !== undefined && (told === undefined || !isSamePlace(place, told))
		);
	}

	#tellNow(): void {
		const common = this.#host.common();
		if (common === undefined) return;
		const prdId = this.#docId;
		if (this.#status !== this.#toldStatus)
			this.#host.tell("presence:status", { prdId, status: this.#status });
		this.#toldStatus = this.#status;
		if (this.#place !== undefined && this.#isElsewhere()) {
			const place = toWire(common.text, this.#place);
			const revision = common.rev;
			this.#host.tell("presence:cursor", { prdId, ...place, revision });
			this.#told = this.#place;
			this.#toldRev = revision;
		}
		this.#toldAtMs = this.#host.clock.nowMs();
	}
}
