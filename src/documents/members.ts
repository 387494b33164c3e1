import type { Submission } from "../protocol/submission.ts";
import {
	type ClientId,
	type ReplicaId,
	type SessionId,
	splitOpId,
	type UserId,
} from "../shared/ids.ts";

/** Ended sessions that are remembered: their late submissions are known as such, and their places can be passed on. */
const REMEMBERED_ENDED = 1_000;
/** Sessions whose op ids one session may go on with. */
const MOST_INHERITED = 8;

export interface Member {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	readonly clientId?: ClientId;
	/** Earlier sessions of the same person whose op ids are its own, the newest first. */
	readonly inherited: readonly SessionId[];
}

/** Who comes in. */
export interface Newcomer {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly clientId?: ClientId | undefined;
	/** The session that it goes on for; the caller has made sure that it was the same person's. */
	readonly earlier?: Earlier | undefined;
}

export type Earlier = Pick<
	Member,
	"sessionId" | "userId" | "replicaId" | "inherited"
>;

/** How a session ended: alone, or with its document. */
export type End = "left" | "deleted";

/** The sessions of one document, as its owner knows them; survives the reloading of the document. */
export class Members {
	readonly #live = new Map<SessionId, Member>();
	readonly #ended = new Map<
		SessionId,
		{ readonly end: End; readonly member: Member | undefined }
	>();

	get size(): number {
		return this.#live.size;
	}

	/**
	 * Takes a session in under the replica that it has had, or the first free one of its user. The session that it goes
	 * on for, and earlier ones of the same client, end.
	 * @returns the member and the sessions that ended
	 */
	join(newcomer: Newcomer): {
		readonly member: Member;
		readonly ended: readonly SessionId[];
	} {
		const { sessionId, userId, clientId, earlier } = newcomer;
		const replaced = this.#replacedBy(newcomer);
		for (const { sessionId: id } of replaced) this.leave(id);
		this.#ended.delete(sessionId);
		const before = [...(earlier === undefined ? [] : [earlier]), ...replaced];
		const member: Member = {
			sessionId,
			userId,
			replicaId: this.#replicaFor(userId, before),
			...(clientId === undefined ? {} : { clientId }),
			inherited: inheritedBy(newcomer, replaced),
		};
		this.#live.set(sessionId, member);
		return { member, ended: replaced.map((other) => other.sessionId) };
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
		const member = { sessionId, userId, replicaId, inherited: [] };
		this.#live.set(
			sessionId,
			isNamed ? { ...member, clientId: client } : member,
		);
	}

	leave(sessionId: SessionId): void {
		this.#end(sessionId, "left");
	}

	/** The document is gone: nobody goes on in one that is made later under its id. */
	endAll(): void {
		for (const sessionId of [...this.#live.keys()])
			this.#end(sessionId, "deleted");
	}

	/** How the session ended; undefined: it has not, or it was never here. */
	endOf(sessionId: SessionId): End | undefined {
		return this.#ended.get(sessionId)?.end;
	}

	/** As it is, or as it was when it ended. */
	find(sessionId: SessionId): Member | undefined {
		return this.#live.get(sessionId) ?? this.#ended.get(sessionId)?.member;
	}

	#end(sessionId: SessionId, end: End): void {
		if (this.endOf(sessionId) === "deleted") return;
		const member = end === "left" ? this.find(sessionId) : undefined;
		this.#live.delete(sessionId);
		this.#ended.set(sessionId, { end, member });
		const [oldest] = this.#ended.keys();
		if (this.#ended.size > REMEMBERED_ENDED && oldest !== undefined)
			this.#ended.delete(oldest);
	}

	#replacedBy({ sessionId, userId, clientId, earlier }: Newcomer): Member[] {
		return [...this.#live.values()].filter(
			(other) =>
				other.userId === userId &&
				(other.sessionId === sessionId ||
					other.sessionId === earlier?.sessionId ||
					(clientId !== undefined && other.clientId === clientId)),
		);
	}

	#replicaFor(
		userId: UserId,
		before: readonly Pick<Member, "replicaId">[],
	): ReplicaId {
		const taken = new Set<string>();
		for (const other of this.#live.values())
			if (other.userId === userId) taken.add(other.replicaId);
		const own = before.find(({ replicaId }) => !taken.has(replicaId));
		if (own !== undefined) return own.replicaId;
		let name: string = userId;
		for (let tab = 2; taken.has(name); tab++) name = `${userId}~${tab}`;
		return name as ReplicaId;
	}
}

/** A session that joins again keeps what it had. */
function inheritedBy(
	{ sessionId, earlier }: Newcomer,
	replaced: readonly Member[],
): readonly SessionId[] {
	const self = replaced.find((other) => other.sessionId === sessionId);
	const all = new Set([
		...(earlier === undefined ? [] : [earlier.sessionId, ...earlier.inherited]),
		...(self?.inherited ?? []),
	]);
	return [...all].slice(0, MOST_INHERITED);
}
