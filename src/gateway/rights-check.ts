import { isRevokedBy } from "../rooms/revocation-store.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import { type Mode, type Role, roleAtLeast } from "../shared/roles.ts";
import type { Backend } from "./backend.ts";
import type { RoleChanges } from "./role-changes.ts";
import type { RoleWatch } from "./role-watch.ts";
import type { Session } from "./session.ts";
import type { UserMessage } from "./user-relay.ts";

export interface RightsCheckDeps {
	readonly backend: Pick<Backend, "listRevocations" | "listRoles">;
	readonly roles: RoleChanges;
	readonly sessions: { readonly all: Iterable<Session> };
	readonly hear: (message: UserMessage) => void;
	readonly clock: Clock;
	readonly log: Logger;
}

/** Messages about people are told once, and may be lost without anybody noticing. */
export const CHECK_MS = 30_000;
const RETRY_MS = 1_000;
/** Sessions, or their places, in one question. */
const PAGE = 500;

/** One session in one room. */
interface Stay {
	readonly session: Session;
	readonly userId: UserId;
	readonly docId: DocId;
	/** What is heard while the question is under way is newer than its answer. */
	readonly watch: RoleWatch;
}

/** Reads again now and then, and when the bus is back, what everybody here may do: finds what was not heard of. */
export class RightsCheck {
	readonly #deps: RightsCheckDeps;
	#cancel = (): void => {};
	#isRunning = false;
	/** It was asked for while it ran. */
	#isDue = false;

	constructor(deps: RightsCheckDeps) {
		this.#deps = deps;
	}

	open(): void {
		this.#later(CHECK_MS);
	}

	close(): void {
		this.#cancel();
	}

	async run(): Promise<void> {
		this.#isDue = true;
		if (this.#isRunning) return;
		this.#isRunning = true;
		let nextMs = CHECK_MS;
		try {
			while (this.#isDue) {
				this.#isDue = false;
				await this.#checkTokens();
				await this.#checkRoles();
			}
		} catch (err) {
			this.#deps.log.warn({ err }, "rights not checked");
			nextMs = RETRY_MS;
		}
		this.#isRunning = false;
		this.#later(nextMs);
	}

	#later(delayMs: number): void {
		this.#cancel();
		this.#cancel = this.#deps.clock.after(delayMs, () => void this.run());
	}

	async #checkTokens(): Promise<void> {
		const { sessions, backend, hear } = this.#deps;
		const marks = [...sessions.all].flatMap(({ identity }) => identity ?? []);
		for (let start = 0; start < marks.length; start += PAGE) {
			const page = marks.slice(start, start + PAGE);
			for (const revocation of await backend.listRevocations(page))
				if (page.some((mark) => isRevokedBy(mark, revocation)))
					hear({ kind: "revoked", revocation });
		}
	}

	async #checkRoles(): Promise<void> {
		const sessions = [...this.#deps.sessions.all].filter(isByMembers);
		for (let start = 0; start < sessions.length; start += PAGE) {
			const stays = sessions.slice(start, start + PAGE).flatMap(staysOf);
			try {
				await this.#checkStays(stays);
			} finally {
				for (const { session, watch } of stays)
					session.roleWatches.close(watch);
			}
		}
	}

	async #checkStays(stays: readonly Stay[]): Promise<void> {
		if (stays.length === 0) return;
		const visits = stays.map(({ docId, userId }) => ({ docId, userId }));
		const roles = await this.#deps.backend.listRoles(visits);
		for (const [i, stay] of stays.entries()) {
			const role = roles[i];
			if (role !== undefined) this.#settle(stay, role);
		}
	}

	/** More than a session uses is no news: it may have come in as less. */
	#settle({ session, docId, watch }: Stay, role: Role | null): void {
		const mode = modeIn(session, docId);
		if (mode === undefined || mode === null || watch.heard !== undefined)
			return;
		if (role === null || !roleAtLeast(role, mode))
			this.#deps.roles.apply(session, docId, role, "changed");
	}
}

/** Rights that a token grants end with the token. */
const isByMembers = ({ identity, isClosing }: Session): boolean =>
	identity !== undefined && identity.permissions === undefined && !isClosing;

const staysOf = (session: Session): readonly Stay[] => {
	const { userId } = session;
	if (userId === undefined) return [];
	return [...session.memberships.keys(), ...session.rooms.keys()].map(
		(docId) => {
			const watch = session.roleWatches.open(docId);
			return { session, userId, docId, watch };
		},
	);
};

const modeIn = (session: Session, docId: DocId): Mode | null | undefined =>
	session.memberships.get(docId)?.mode ?? session.rooms.get(docId)?.mode;
