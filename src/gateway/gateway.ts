import type { Clock } from "../shared/clock.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import type { Authenticator } from "./authenticate.ts";
import type { Backend } from "./backend.ts";
import { Channels } from "./channels.ts";
import type { Connection } from "./connection.ts";
import { DocumentEntry } from "./document-entry.ts";
import { DocumentExit } from "./document-exit.ts";
import { Drain } from "./drain.ts";
import { PresenceRelay } from "./presence-relay.ts";
import { Router } from "./router.ts";
import { Session } from "./session.ts";
import { SessionAuth } from "./session-auth.ts";
import { Sessions } from "./sessions.ts";
import { type UserMessage, UserRelay } from "./user-relay.ts";
import { Wheel } from "./wheel.ts";

export interface GatewayOptions {
	readonly backend: Backend;
	readonly bus: ChannelBus;
	readonly authenticator: Authenticator;
	readonly clock: Clock;
	readonly log: Logger;
	readonly limits: Limits;
	/** Makes ids of the form of a client id, never the same twice. */
	readonly newSessionId: () => SessionId;
	/** From 0 to below 1. */
	readonly random: () => number;
}

/** What all doors share: the sessions, their documents and what happens to their requests. */
export class Gateway {
	readonly options: GatewayOptions;
	readonly sessions: Sessions;
	readonly auth: SessionAuth;
	readonly router: Router;
	readonly #drain: Drain;
	readonly #exit: DocumentExit;
	readonly #users: UserRelay;
	readonly #onEnd = (session: Session): void => this.#end(session);

	constructor(options: GatewayOptions) {
		const { backend, bus, clock, log } = options;
		this.options = options;
		this.sessions = new Sessions(new Wheel(clock));
		this.#users = new UserRelay(bus);
		this.#drain = new Drain(this.sessions, clock, options.random);
		const documents = {
			...options,
			channels: new Channels(bus, { backend, clock, log }),
			presence: new PresenceRelay(bus),
			sessions: this.sessions,
		};
		const exit = new DocumentExit(documents);
		this.#exit = exit;
		const shared = { ...documents, exit, users: this.#users };
		this.auth = new SessionAuth(shared);
		const entry = new DocumentEntry(documents, exit);
		this.router = new Router({ ...shared, auth: this.auth, entry });
	}

	/** Begins to hear what other gateways tell about users. */
	open(): Promise<void> {
		return this.#users.open((message) => this.#hear(message));
	}

	/** A new connection at one of the doors; it is nobody's yet. */
	connect(connection: Connection): Session {
		const { clock, log, newSessionId } = this.options;
		const host = { log, onEnd: this.#onEnd };
		const session = new Session(
			newSessionId(),
			connection,
			host,
			clock.nowMs(),
		);
		this.sessions.add(session);
		return session;
	}

	get isDraining(): boolean {
		return this.#drain.hasBegun;
	}

	/** Sends every client elsewhere; resolves when all sessions have closed, at the latest after `limitMs`. */
	drain(limitMs: number): Promise<void> {
		return this.#drain.run(limitMs);
	}

	close(): void {
		this.#users.close();
	}

	#end(session: Session): void {
		for (const membership of [...session.memberships.values()])
			this.#exit.part(session, membership);
		this.sessions.delete(session, session.userId);
	}

	#hear(message: UserMessage): void {
		for (const session of this.sessions.of(message.userId)) {
			if (message.kind === "alert") {
				if (session.id !== message.except)
					session.sendEvent("security:alert", message.alert);
			} else if (session.identity?.permissions === undefined) {
				// Rights that a token grants are not touched by the members' list.
				const { docId, role, reason } = message;
				this.#exit.changeRole(session, docId, role, reason);
			}
		}
	}
}
