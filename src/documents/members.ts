import type { Submission } from "../protocol/submission.ts";
import {
	type ClientId,
	type ReplicaId,
	type SessionId,
	splitOpId,
	type UserId,
} from "../shared/ids.ts";

/** Ended sessions that are remembered, so that their late submissions are known as such. */
const REMEMBERED_ENDED = 1_000;

export interface Member {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	readonly clientId?: ClientId;
}

/** The live sessions of one document, as its owner knows them; survives the reloading of the document. */
export class Members {
	readonly #live = new Map<SessionId, Member>();
	readonly #ended = new Set<SessionId>();

	get size(): number {
		return this.#live.size;
	}

	/**
	 * Takes a session in under the first free replica of its user. Earlier sessions of the same client end.
	 * @returns the member and the sessions that ended
	 */
	join(
		sessionId: SessionId,
		userId: UserId,
		clientId: ClientId | undefined,
	): { readonly member: Member; readonly ended: readonly SessionId[] } {
		const ended: SessionId[] = [];
		const taken = new Set<string>();
		for (const other of this.#live.values()) {
			if (other.userId !== userId) continue;
			const replaced =
				other.sessionId === sessionId ||
				(clientId !== undefined && other.clientId === clientId);
			if (replaced) ended.push(other.sessionId);
			else taken.add(other.replicaId);
		}
		for (const earlier of ended) this.leave(earlier);
		this.#ended.delete(sessionId);
		let name: string = userId;
		for (let tab = 2; taken.has(name); tab++) name = `${userId}~${tab}`;
		const member: Member = {
			sessionId,
			userId,
			replicaId: name as ReplicaId,
			...(clientId === undefined ? {} : { clientId }),
		};
		this.#live.set(sessionId, member);
		return { member, ended };
	}

	/**
	 * Somebody writes who may have joined when the document had another owner: the replica is taken. Where the client
	 * has come back since, it is a late one, and its session has ended.
	 */
	meet({ sessionId, userId, replicaId, opId }: Submission): void {
		if (this.#live.has(sessionId) || this.#ended.has(sessionId)) return;
		const { client } = splitOpId(opId);
		for (const other of this.#live.values())
			if (other.clientId === client && other.userId === userId) {
				this.leave(sessionId);
				return;
			}
		const isNamed = (client as string) !== sessionId;
		const member = { sessionId, userId, replicaId };
		this.#live.set(
			sessionId,
			isNamed ? { ...member, clientId: client } : member,
		);
	}

	leave(sessionId: SessionId): void {
		this.#live.delete(sessionId);
		this.#ended.add(sessionId);
		const [oldest] = this.#ended;
		if (this.#ended.size > REMEMBERED_ENDED && oldest !== undefined)
			this.#ended.delete(oldest);
	}

	hasEnded(sessionId: SessionId): boolean {
		return this.#ended.has(sessionId);
	}
}
