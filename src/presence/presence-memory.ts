import type { Clock } from "../shared/clock.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import {
	GATEWAY_TTL_MS,
	type GatewayId,
	type Presence,
	type PresenceBook,
	type PresentSession,
	type StatusChange,
} from "./presence-book.ts";

interface Entry {
	readonly gateway: GatewayId;
	readonly session: PresentSession;
}

/** Presence of one process; gone with it. */
export class PresenceMemory implements PresenceBook {
	readonly #clock: Pick<Clock, "nowMs">;
	readonly #documents = new Map<DocId, Map<SessionId, Entry>>();
	readonly #heardAtMs = new Map<GatewayId, number>();

	constructor(clock: Pick<Clock, "nowMs">) {
		this.#clock = clock;
	}

	async enter(
		gateway: GatewayId,
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]> {
		this.#heardAtMs.set(gateway, this.#clock.nowMs());
		const there = this.#documents.get(docId) ?? new Map<SessionId, Entry>();
		const others = [...there.values()]
			.filter((entry) => this.#isLive(entry.gateway))
			.map((entry) => entry.session)
			.filter(({ sessionId }) => sessionId !== session.sessionId);
		there.set(session.sessionId, { gateway, session });
		this.#documents.set(docId, there);
		return others;
	}

	async leave(docId: DocId, sessionId: SessionId): Promise<void> {
		const there = this.#documents.get(docId);
		there?.delete(sessionId);
		if (there?.size === 0) this.#documents.delete(docId);
	}

	async report(
		gateway: GatewayId,
		changes: readonly StatusChange[],
	): Promise<boolean> {
		if (!this.#isLive(gateway)) return false;
		this.#heardAtMs.set(gateway, this.#clock.nowMs());
		for (const change of changes) this.#note(change);
		return true;
	}

	async forgetGone(): Promise<readonly Presence[]> {
		const gone = [...this.#heardAtMs.keys()].filter((id) => !this.#isLive(id));
		if (gone.length === 0) return [];
		const forgotten: Presence[] = [];
		for (const [docId, there] of this.#documents)
			for (const { gateway, session } of there.values())
				if (gone.includes(gateway)) forgotten.push({ docId, session });
		for (const { docId, session } of forgotten)
			await this.leave(docId, session.sessionId);
		for (const gateway of gone) this.#heardAtMs.delete(gateway);
		return forgotten;
	}

	#isLive(gateway: GatewayId): boolean {
		const heardAtMs = this.#heardAtMs.get(gateway);
		if (heardAtMs === undefined) return false;
		return this.#clock.nowMs() - heardAtMs < GATEWAY_TTL_MS;
	}

	#note({ docId, sessionId, status, lastActivity }: StatusChange): void {
		const there = this.#documents.get(docId);
		const entry = there?.get(sessionId);
		if (entry === undefined) return;
		const { status: _before, ...rest } = entry.session;
		const session = {
			...rest,
			lastActivity,
			...(status === undefined ? {} : { status }),
		};
		there?.set(sessionId, { ...entry, session });
	}
}
