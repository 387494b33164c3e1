import {
	GATEWAY_TTL_MS,
	type GatewayId,
	type Presence,
	type PresenceBook,
	type PresentSession,
	type StatusChange,
	withStatus,
} from "../presence/presence-book.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type { RedisLink, RedisScript } from "./redis-link.ts";
import { BURY, ENTER, LEAVE, REPORT, SWEEP } from "./redis-presence-scripts.ts";

/** Of all replicas one sweeps in this time. */
const SWEEP_ALONE_MS = 4_000;
/** So long without any sweep: Redis, or everybody who sweeps, was away. */
const SWEEP_GAP_MS = 15_000;
/** Sessions of a gateway that is gone, told at once. */
const TOLD_AT_ONCE = 200;

type Status = Pick<StatusChange, "status" | "lastActivity">;

/** Presence that several presence services share. Every call may throw `UNAVAILABLE`. */
export class RedisPresenceBook implements PresenceBook {
	readonly #link: RedisLink;
	readonly #prefix: string;
	readonly #keys: readonly string[];
	readonly #enter: RedisScript;
	readonly #leave: RedisScript;
	readonly #report: RedisScript;
	readonly #sweep: RedisScript;
	readonly #bury: RedisScript;

	/** @param namespace first part of every key */
	constructor(link: RedisLink, namespace: string) {
		this.#link = link;
		this.#prefix = `${namespace}:presence:gateway:`;
		this.#keys = ["gateways", "reported", "sweeps"].map(
			(name) => `${namespace}:presence:${name}`,
		);
		this.#enter = link.script(ENTER);
		this.#leave = link.script(LEAVE);
		this.#report = link.script(REPORT);
		this.#sweep = link.script(SWEEP);
		this.#bury = link.script(BURY);
	}

	async enter(
		gateway: GatewayId,
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]> {
		const json = JSON.stringify(session);
		const args = [gateway, docId, session.sessionId, json];
		const found = (await this.#run(this.#enter, args)) as readonly string[];
		const others = [];
		for (let i = 0; i < found.length; i += 2)
			others.push(readSession(found[i] as string, found[i + 1] as string));
		return others
			.sort((a, b) => a.cameAt - b.cameAt)
			.map((other) => other.session);
	}

	async leave(docId: DocId, sessionId: SessionId): Promise<void> {
		await this.#run(this.#leave, [docId, sessionId]);
	}

	async report(
		gateway: GatewayId,
		changes: readonly StatusChange[],
		startsAnew = false,
	): Promise<boolean> {
		const statuses = changes.flatMap(({ docId, sessionId, ...status }) => [
			`${docId} ${sessionId}`,
			JSON.stringify(status satisfies Status),
		]);
		const args = [gateway, startsAnew ? 1 : 0, ...statuses];
		return (await this.#run(this.#report, args)) === 1;
	}

	async forgetGone(tell: (gone: readonly Presence[]) => void): Promise<void> {
		const gone = await this.#run(this.#sweep, [SWEEP_ALONE_MS, SWEEP_GAP_MS]);
		for (const gateway of gone as readonly GatewayId[]) {
			await this.#tellHeld(gateway, tell);
			await this.#run(this.#bury, [gateway]);
		}
	}

	async #tellHeld(
		gateway: GatewayId,
		tell: (gone: readonly Presence[]) => void,
	): Promise<void> {
		const key = `${this.#prefix}${gateway}:sessions`;
		let cursor = "0";
		do {
			const [next, fields] = await this.#link.ask((redis) =>
				redis.hscan(key, cursor, "COUNT", TOLD_AT_ONCE),
			);
			cursor = next;
			const held = presencesIn(fields);
			if (held.length > 0) tell(held);
		} while (cursor !== "0");
	}

	#run(
		script: RedisScript,
		args: readonly (string | number)[],
	): Promise<unknown> {
		return script(this.#keys, [this.#prefix, GATEWAY_TTL_MS, ...args]);
	}
}

/** @param stored when it came (microseconds), a space, and the session's JSON */
function readSession(stored: string, status: string) {
	const space = stored.indexOf(" ");
	const session = JSON.parse(stored.slice(space + 1)) as PresentSession;
	return {
		cameAt: Number(stored.slice(0, space)),
		session:
			status === ""
				? session
				: withStatus(session, JSON.parse(status) as Status),
	};
}

/** @param fields "document session" and what is stored of it, alternately */
function presencesIn(fields: readonly string[]): readonly Presence[] {
	const presences: Presence[] = [];
	for (let i = 0; i < fields.length; i += 2) {
		const [docId] = (fields[i] as string).split(" ", 1);
		const { session } = readSession(fields[i + 1] as string, "");
		presences.push({ docId: docId as DocId, session });
	}
	return presences;
}
