import type { TextOp } from "../ot/text-op.ts";
import type { DocHost, Origin } from "./doc-host.ts";
import type { DocSync } from "./doc-sync.ts";
import { OwnPresence } from "./own-presence.ts";
import { selected } from "./place.ts";
import { type Peer, PeerList, type PresenceNews } from "./presence.ts";
import type { Status, WirePeer } from "./typed-events.ts";

/** Who is in a document and where, told in both directions. */
export class DocPresence {
	readonly #peers: PeerList;
	readonly #own: OwnPresence;

	constructor(docId: string, host: DocHost, sync: DocSync) {
		this.#peers = new PeerList(sync.queue);
		this.#own = new OwnPresence(docId, {
			clock: host.clock,
			tell: host.tell,
			// Only a place in a text that all know can be told.
			common: () =>
				sync.life.state === "live" && sync.queue.unsent === 0
					? { rev: sync.queue.rev, text: sync.queue.content.text }
					: undefined,
		});
	}

	get peers(): readonly Peer[] {
		return this.#peers.list;
	}

	setCursor(cursor: number, anchor: number): void {
		const [start, end] = [Math.min(cursor, anchor), Math.max(cursor, anchor)];
		this.#own.setPlace({ cursor, ...selected(start, end) });
	}

	setStatus(status: Status): void {
		this.#own.setStatus(status);
	}

	/** A new session, with these others in the document. */
	joined(others: readonly WirePeer[]): void {
		this.#peers.reset(others);
		this.#own.forget();
	}

	hear(type: string, data: unknown): PresenceNews {
		const news = this.#peers.hear(type, data);
		if (type === "presence:joined") this.#own.greet(this.#peers.size);
		return news;
	}

	/** The committed text has changed. */
	advanced(op: TextOp, author: string | undefined): void {
		this.#peers.move(op, author);
	}

	/** The shown text has changed. */
	changed(op: TextOp, origin: Origin): void {
		this.#own.move(op, origin);
	}

	/** What was unsent may be committed now; true when others are at new places by that. */
	moved(): boolean {
		const isTold = this.#own.tell();
		return this.#peers.advance() || isTold;
	}

	close(): void {
		this.#own.close();
	}
}
