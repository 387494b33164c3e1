import { CLOSES } from "../protocol/close-codes.ts";
import type { ServerData } from "../protocol/events.ts";
import { isRevokedBy, type Revocation } from "../rooms/revocation-store.ts";
import { eventMessage } from "./message.ts";
import type { RevocationCheck } from "./revocation-check.ts";
import type { RoleChanges } from "./role-changes.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { UserMessage } from "./user-relay.ts";

type Event = Extract<UserMessage, { readonly kind: "event" }>;
type Role = Extract<UserMessage, { readonly kind: "role" }>;

/** What this gateway's sessions are told of what happens to people anywhere. */
export class SessionNews {
	readonly #sessions: Sessions;
	readonly #roles: RoleChanges;
	readonly #revocations: RevocationCheck;

	constructor(
		sessions: Sessions,
		roles: RoleChanges,
		revocations: RevocationCheck,
	) {
		this.#sessions = sessions;
		this.#roles = roles;
		this.#revocations = revocations;
	}

	hear(message: UserMessage): void {
		switch (message.kind) {
			case "role":
				this.#changeRole(message);
				return;
			case "alert":
				for (const session of this.#sessions.of(message.userId))
					if (session.id !== message.except)
						session.sendEvent("security:alert", message.alert);
				return;
			case "event":
				this.#tell(message);
				return;
			case "replaced":
				for (const session of [...this.#sessions.of(message.userId)])
					if (session.id === message.sessionId) session.close(CLOSES.replaced);
				return;
			case "admins":
				for (const session of this.#sessions.all)
					if (session.identity?.roles.includes("admin"))
						session.sendEvent("security:alert", message.alert);
				return;
			case "revoked":
				this.#revoke(message.revocation);
		}
	}

	#tell({ userIds, name, data, beside }: Event): void {
		const message = eventMessage(name, data as ServerData<typeof name>);
		for (const userId of userIds)
			for (const session of this.#sessions.of(userId))
				if (beside === undefined || !session.memberships.has(beside))
					session.send(message);
	}

	/** Rights that a token grants are not touched by the members' list. */
	#changeRole({ userId, docId, role, reason }: Role): void {
		for (const session of [...this.#sessions.of(userId)])
			if (session.identity?.permissions === undefined)
				this.#roles.apply(session, docId, role, reason);
	}

	#revoke(revocation: Revocation): void {
		this.#revocations.hear(revocation);
		const isMeant = ({ identity }: Session): boolean =>
			identity !== undefined && isRevokedBy(identity, revocation);
		for (const session of [...this.#sessions.all].filter(isMeant))
			session.close(CLOSES.terminated);
	}
}
