import type { Clock } from "../shared/clock.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import {
	GATEWAY_TTL_MS,
	type GatewayId,
	type Presence,
	type PresenceBook,
	type PresentSession,
	type StatusChange,
	withStatus,
} from "./presence-book.ts";

interface Entry {
	readonly gateway: GatewayId;
	readonly session: PresentSession;
}

interface Gateway {
	heardAtMs: number;
	hasReported: boolean;
	/** What it holds, and where. */
	readonly sessions: Map<SessionId, DocId>;
}

/** Presence of one process; gone with it. */
export class PresenceMemory implements PresenceBook {
	readonly #clock: Pick<Clock, "nowMs">;
	readonly #documents = new Map<DocId, Map<SessionId, Entry>>();
	readonly #gateways = new Map<GatewayId, Gateway>();

	constructor(clock: Pick<Clock, "nowMs">) {
		this.#clock = clock;
	}

	async enter(
		gateway: GatewayId,
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]> {
		const { sessionId } = session;
		const known = this.#gateways.get(gateway);
		const holder = known ?? this.#newGateway(gateway);
		// One that was gone comes back by reporting, so that nothing of what it held is missed.
		if (this.#isLive(holder)) holder.heardAtMs = this.#clock.nowMs();
		holder.sessions.set(sessionId, docId);
		const there = this.#documents.get(docId) ?? new Map<SessionId, Entry>();
		const others = [...there.values()]
			.filter((entry) => this.#isLive(this.#gateways.get(entry.gateway)))
			.map((entry) => entry.session)
			.filter((other) => other.sessionId !== sessionId);
		there.set(sessionId, { gateway, session });
		this.#documents.set(docId, there);
		return others;
	}

	async leave(docId: DocId, sessionId: SessionId): Promise<void> {
		const there = this.#documents.get(docId);
		const entry = there?.get(sessionId);
		if (there === undefined || entry === undefined) return;
		there.delete(sessionId);
		if (there.size === 0) this.#documents.delete(docId);
		const holder = this.#gateways.get(entry.gateway);
		holder?.sessions.delete(sessionId);
		if (holder?.sessions.size === 0) this.#gateways.delete(entry.gateway);
	}

	async report(
		gateway: GatewayId,
		changes: readonly StatusChange[],
		startsAnew = false,
	): Promise<boolean> {
		const known = this.#gateways.get(gateway);
		const isLive = this.#isLive(known) && !startsAnew;
		const isKnown = isLive && known?.hasReported === true;
		if (known !== undefined && !isLive) this.#forget(gateway, known);
		const holder = this.#gateways.get(gateway) ?? this.#newGateway(gateway);
		holder.heardAtMs = this.#clock.nowMs();
		holder.hasReported = true;
		for (const change of changes) this.#note(change);
		return isKnown;
	}

	async forgetGone(tell: (gone: readonly Presence[]) => void): Promise<void> {
		for (const [gateway, holder] of this.#gateways) {
			if (this.#isLive(holder)) continue;
			const held = [...holder.sessions].flatMap(([sessionId, docId]) => {
				const entry = this.#documents.get(docId)?.get(sessionId);
				return entry === undefined ? [] : [{ docId, session: entry.session }];
			});
			if (held.length > 0) tell(held);
			this.#forget(gateway, holder);
		}
	}

	#newGateway(gateway: GatewayId): Gateway {
		const heardAtMs = this.#clock.nowMs();
		const made = { heardAtMs, hasReported: false, sessions: new Map() };
		this.#gateways.set(gateway, made);
		return made;
	}

	#forget(gateway: GatewayId, { sessions }: Gateway): void {
		for (const [sessionId, docId] of [...sessions])
			void this.leave(docId, sessionId);
		this.#gateways.delete(gateway);
	}

	#isLive(gateway: Gateway | undefined): boolean {
		if (gateway === undefined) return false;
		return this.#clock.nowMs() - gateway.heardAtMs < GATEWAY_TTL_MS;
	}

	#note(change: StatusChange): void {
		const { docId, sessionId } = change;
		const there = this.#documents.get(docId);
		const entry = there?.get(sessionId);
		if (entry === undefined) return;
		const session = withStatus(entry.session, change);
		there?.set(sessionId, { ...entry, session });
	}
}
