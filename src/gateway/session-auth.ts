import { CLOSES } from "../protocol/close-codes.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ServerData } from "../protocol/events.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { Identity } from "./authenticate.ts";
import type { Backend } from "./backend.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import { HEARTBEAT_MS } from "./heartbeat.ts";
import { EventMessage } from "./message.ts";
import { ANNOUNCED } from "./rate-limits.ts";
import type { RoleChanges } from "./role-changes.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import { SlidingCount } from "./sliding-count.ts";
import type { UserRelay } from "./user-relay.ts";

export const PROTOCOL = 1;
const REFRESH_FAILURES = { limit: 5, windowMs: 60_000 };

export interface SessionAuthDeps {
	readonly doorkeeper: Doorkeeper;
	readonly isLimiting: boolean;
	readonly backend: Pick<Backend, "visitRoom">;
	readonly sessions: Sessions;
	readonly users: UserRelay;
	readonly roles: RoleChanges;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly log: Logger;
}

/** How a connection becomes somebody's, and stays it. */
export class SessionAuth {
	readonly #deps: SessionAuthDeps;
	readonly #failures = new WeakMap<Session, SlidingCount>();
	/** The same for everybody. */
	readonly #limitsJson: string;

	constructor(deps: SessionAuthDeps) {
		this.#deps = deps;
		const { limits, isLimiting } = deps;
		this.#limitsJson = JSON.stringify({
			...limits,
			rates: isLimiting ? ANNOUNCED : {},
		} satisfies ServerData<"session:ready">["limits"]);
	}

	/** The bearer is known: the session is his from here on. */
	greet(session: Session, identity: Identity): void {
		session.admit(identity);
		this.#deps.sessions.name(session, identity.userId);
		const ready = this.#readyJson(session, identity);
		session.send(new EventMessage("session:ready", [ready]));
		session.watchExpiry(this.#deps.clock.nowMs());
	}

	/** The first frame of a connection that came without a token. */
	async authenticate(
		session: Session,
		request: Request<"auth">,
	): Promise<void> {
		const { token, protocol = PROTOCOL } = request.data;
		if (protocol !== PROTOCOL) {
			session.close(CLOSES.protocol);
			return;
		}
		const { place } = session;
		if (place === undefined) return;
		const identity = await this.#deps.doorkeeper.identify(token, place);
		if (session.isClosing) return;
		this.greet(session, identity);
		session.acknowledge(request, this.#readyJson(session, identity));
	}

	/** A newer token of the same person; fewer rights apply at once. */
	async refresh(
		session: Session,
		request: Request<"auth:refresh">,
	): Promise<void> {
		const before = session.identity;
		if (before === undefined) return;
		const identity = await this.#verify(session, request);
		if (identity === undefined || session.isClosing) return;
		if (identity.userId !== before.userId) {
			session.refuse(request, otherPerson(), this.#deps.clock.nowMs());
			return this.#suspect(session);
		}
		session.admit(identity);
		session.acknowledge(request);
		session.watchExpiry(this.#deps.clock.nowMs());
		if (before.permissions !== undefined || identity.permissions !== undefined)
			await this.#applyRights(session, identity);
	}

	async #verify(
		session: Session,
		request: Request<"auth:refresh">,
	): Promise<Identity | undefined> {
		const { doorkeeper, clock } = this.#deps;
		try {
			return await doorkeeper.verify(request.data.token);
		} catch (error) {
			session.refuse(request, error, clock.nowMs());
			if (!isBadToken(error)) return undefined;
			if (this.#failuresOf(session).add(clock.nowMs())) this.#suspect(session);
			return undefined;
		}
	}

	#failuresOf(session: Session): SlidingCount {
		const { limit, windowMs } = REFRESH_FAILURES;
		const count =
			this.#failures.get(session) ?? new SlidingCount(limit, windowMs);
		this.#failures.set(session, count);
		return count;
	}

	/** Tells every session of the user, then ends this one. */
	#suspect(session: Session): void {
		const { userId } = session;
		if (userId === undefined) return;
		const alert: ServerData<"security:alert"> = {
			type: "suspicious_activity",
			message: "Multiple failed authentication attempts detected",
			action: "session_terminated",
		};
		session.sendEvent("security:alert", alert);
		this.#deps.users.tell({ kind: "alert", userId, except: session.id, alert });
		session.close(CLOSES.terminated);
	}

	async #applyRights(session: Session, identity: Identity): Promise<void> {
		const { memberships, rooms } = session;
		for (const docId of [...memberships.keys(), ...rooms.keys()]) {
			const role = await this.#roleOn(identity, docId);
			if (role === undefined || session.isClosing) continue;
			this.#deps.roles.apply(session, docId, role, "token");
		}
	}

	/** Null: none; undefined: not to be known now, so that nothing changes. */
	async #roleOn({ permissions, userId }: Identity, docId: DocId) {
		if (permissions !== undefined) return permissions.roleOn(docId) ?? null;
		try {
			const { role } = await this.#deps.backend.visitRoom({ docId, userId });
			return role;
		} catch (err) {
			if (err instanceof CollabError && err.code === "FORBIDDEN") return null;
			this.#deps.log.warn({ doc: docId, err }, "role not known");
			return undefined;
		}
	}

	#readyJson(session: Session, { userId, expiresAtMs }: Identity): string {
		const json = JSON.stringify({
			sessionId: session.id,
			userId,
			serverTime: new Date(this.#deps.clock.nowMs()).toISOString(),
			heartbeatInterval: HEARTBEAT_MS,
			protocol: PROTOCOL,
			tokenExpiresAt: new Date(expiresAtMs).toISOString(),
		} satisfies Omit<ServerData<"session:ready">, "limits">);
		return `${json.slice(0, -1)},"limits":${this.#limitsJson}}`;
	}
}

const isBadToken = (error: unknown): boolean =>
	error instanceof CollabError && error.code === "UNAUTHENTICATED";

const otherPerson = (): CollabError =>
	new CollabError("UNAUTHENTICATED", "The token is another person's", {
		reason: "invalid_token",
	});
