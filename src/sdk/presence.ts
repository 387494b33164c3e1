import type { Peer } from "./wire.ts";

/** Who else is in a document, by session. */
export class PeerList {
	readonly #peers = new Map<string, Peer>();

	get list(): readonly Peer[] {
		return [...this.#peers.values()];
	}

	reset(peers: readonly Peer[]): void {
		this.#peers.clear();
		for (const peer of peers) this.#peers.set(peer.sessionId, peer);
	}

	/** @returns false when the message is not about presence or changes nothing */
	hear(type: string, data: unknown): boolean {
		const { session, sessionId } = data as {
			readonly session?: Peer;
			readonly sessionId?: string;
		};
		if (type === "presence:joined" && session !== undefined) {
			this.#peers.set(session.sessionId, session);
			return true;
		}
		if (type === "presence:left" && session !== undefined)
			return this.#peers.delete(session.sessionId);
		const known = this.#peers.get(sessionId ?? "");
		if (type !== "presence:updated" || known === undefined) return false;
		const { status = known.status, lastActivity = known.lastActivity } =
			data as Partial<Peer>;
		this.#peers.set(known.sessionId, {
			...known,
			lastActivity,
			...(status === undefined ? {} : { status }),
		});
		return known.status !== status;
	}
}
