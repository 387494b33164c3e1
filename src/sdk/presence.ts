import type { TextOp } from "../ot/text-op.ts";
import { movePlace, offsetOf, type Place, selected } from "./place.ts";
import type { PresenceEvent, WirePeer, WirePosition } from "./typed-events.ts";

type PresenceState = Pick<PresenceEvent, "cursor" | "selection" | "revision">;

/** Somebody else's session in a document. */
export interface Peer
	extends Omit<WirePeer, "cursor" | "selection" | "revision"> {
	/** Where he writes in the shown text; moves with it. Undefined until he has told. */
	readonly place?: Place;
}

/** The committed text, and the edits that are ahead of it. */
export interface Texts {
	readonly rev: number;
	readonly ahead: readonly TextOp[];
	locate(
		rev: number | undefined,
		find: (text: string) => Place,
		author: string,
	): Place | undefined;
}

interface Entry {
	peer: Omit<Peer, "place">;
	/** In the committed text: what is committed moves it in the same order for everybody. */
	place: Place | undefined;
	/** Told of a text that we do not have yet. */
	early: PresenceState | undefined;
}

/** What a message has changed. */
export type PresenceNews = "nothing" | "people" | "places";

/** Who else is in a document, and where, by session. */
export class PeerList {
	readonly #texts: Texts;
	readonly #entries = new Map<string, Entry>();

	constructor(texts: Texts) {
		this.#texts = texts;
	}

	get list(): readonly Peer[] {
		const { ahead } = this.#texts;
		return [...this.#entries.values()].map(({ peer, place }) =>
			place === undefined
				? peer
				: {
						...peer,
						place: ahead.reduce((at, op) => movePlace(at, op, false), place),
					},
		);
	}

	get size(): number {
		return this.#entries.size;
	}

	reset(peers: readonly WirePeer[]): void {
		this.#entries.clear();
		for (const peer of peers) this.#enter(peer);
	}

	hear(type: string, data: unknown): PresenceNews {
		const { session } = data as { readonly session?: WirePeer };
		if (type === "presence:joined" && session !== undefined) {
			this.#enter(session);
			return "people";
		}
		if (type === "presence:left" && session !== undefined)
			return this.#entries.delete(session.sessionId) ? "people" : "nothing";
		if (type !== "presence:updated") return "nothing";
		return this.#update(data as PresenceEvent);
	}

	/** The committed text has changed. */
	move(op: TextOp, author: string | undefined): void {
		for (const [sessionId, entry] of this.#entries)
			if (entry.place !== undefined)
				entry.place = movePlace(entry.place, op, sessionId === author);
	}

	/** The text may be there of which some have told; true when one of them has got a place. */
	advance(): boolean {
		let isNew = false;
		for (const entry of this.#entries.values()) {
			if (entry.early === undefined) continue;
			if ((entry.early.revision ?? 0) > this.#texts.rev) continue;
			isNew = this.#put(entry, entry.early) || isNew;
		}
		return isNew;
	}

	#enter({ cursor, selection, revision, ...peer }: WirePeer): void {
		const entry: Entry = { peer, place: undefined, early: undefined };
		this.#entries.set(peer.sessionId, entry);
		if (cursor !== undefined)
			this.#put(entry, {
				cursor,
				...(selection === undefined ? {} : { selection }),
				...(revision === undefined ? {} : { revision }),
			});
	}

	#update(event: PresenceEvent): PresenceNews {
		const entry = this.#entries.get(event.sessionId);
		if (entry === undefined) return "nothing";
		const { status: before, ...rest } = entry.peer;
		const { status, lastActivity } = event;
		entry.peer = {
			...rest,
			lastActivity,
			...(status === undefined ? {} : { status }),
		};
		const isPlaced = this.#put(entry, event);
		if (before !== status) return "people";
		return isPlaced ? "places" : "nothing";
	}

	#put(entry: Entry, told: PresenceState): boolean {
		entry.early = undefined;
		const { cursor, selection, revision } = told;
		if (cursor === undefined) return false;
		if (revision !== undefined && revision > this.#texts.rev) {
			entry.early = told;
			return false;
		}
		const find = (text: string): Place => {
			const at = (position: WirePosition) => offsetOf(text, position);
			const place = { cursor: at(cursor) };
			if (selection === undefined) return place;
			const ends = [at(selection.start), at(selection.end)] as const;
			return { ...place, ...selected(Math.min(...ends), Math.max(...ends)) };
		};
		const { sessionId } = entry.peer;
		// Of a text that is forgotten: near enough until he moves again.
		entry.place =
			this.#texts.locate(revision, find, sessionId) ??
			this.#texts.locate(undefined, find, sessionId);
		return true;
	}
}
