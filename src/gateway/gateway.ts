import type { Clock } from "../shared/clock.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import type { Quota } from "../shared/ports/quota.ts";
import type { Authenticator } from "./authenticate.ts";
import type { Backend } from "./backend.ts";
import { ChannelCheck } from "./channel-check.ts";
import { Channels } from "./channels.ts";
import type { Connection } from "./connection.ts";
import { DocumentEntry } from "./document-entry.ts";
import { DocumentExit } from "./document-exit.ts";
import { Doorkeeper, type Place } from "./doorkeeper.ts";
import { Drain } from "./drain.ts";
import { PresenceRelay } from "./presence-relay.ts";
import { RateLimits } from "./rate-limits.ts";
import { Recovery } from "./recovery.ts";
import { RevocationCheck } from "./revocation-check.ts";
import { RightsCheck } from "./rights-check.ts";
import { RoleChanges } from "./role-changes.ts";
import { RoomDesk } from "./room-desk.ts";
import { RoomEntry } from "./room-entry.ts";
import { RoomExit } from "./room-exit.ts";
import { RoomRelay } from "./room-relay.ts";
import { RoomTalk } from "./room-talk.ts";
import { Router } from "./router.ts";
import { ServiceDesk } from "./service-desk.ts";
import { Session } from "./session.ts";
import { SessionAuth } from "./session-auth.ts";
import { SessionNews } from "./session-news.ts";
import { Sessions } from "./sessions.ts";
import { UserRelay } from "./user-relay.ts";
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
	/** Off: no rates and no bounds on the number of connections. */
	readonly isLimiting: boolean;
	/** Bounds that this gateway shares with others; absent: there are none. */
	readonly quota?: Quota;
}

/** What all doors share: the sessions, their documents and what happens to their requests. */
export class Gateway {
	readonly options: GatewayOptions;
	readonly sessions: Sessions;
	readonly auth: SessionAuth;
	readonly router: Router;
	readonly doorkeeper: Doorkeeper;
	readonly #revocations: RevocationCheck;
	readonly #news: SessionNews;
	readonly #rights: RightsCheck;
	readonly #drain: Drain;
	readonly #exit: DocumentExit;
	readonly #roomExit: RoomExit;
	readonly #users: UserRelay;
	readonly #check: ChannelCheck;
	readonly #presence: PresenceRelay;
	readonly #onEnd = (session: Session): void => this.#end(session);

	constructor(options: GatewayOptions) {
		const { backend, bus, clock, log } = options;
		this.options = options;
		this.sessions = new Sessions(new Wheel(clock));
		this.#users = new UserRelay(bus);
		this.#drain = new Drain(this.sessions, clock, options.random);
		this.#presence = new PresenceRelay(options);
		const channels = new Channels(bus, { backend, clock, log });
		this.#check = new ChannelCheck({ backend, channels, clock, log });
		const documents = {
			...options,
			channels,
			presence: this.#presence,
			sessions: this.sessions,
		};
		const exit = new DocumentExit(documents);
		this.#exit = exit;
		const rooms = new RoomRelay(bus);
		this.#roomExit = new RoomExit({ ...documents, rooms });
		const roles = new RoleChanges(exit, this.#roomExit);
		this.#revocations = new RevocationCheck(backend, clock);
		this.#news = new SessionNews(this.sessions, roles, this.#revocations);
		this.#rights = new RightsCheck({
			backend,
			clock,
			log,
			roles,
			sessions: this.sessions,
			hear: (message) => this.#news.hear(message),
		});
		const shared = {
			...documents,
			exit,
			roles,
			users: this.#users,
			revocations: this.#revocations,
		};
		this.doorkeeper = new Doorkeeper(shared);
		const { doorkeeper } = this;
		this.auth = new SessionAuth({ ...shared, doorkeeper });
		const entry = new DocumentEntry(documents, exit);
		this.router = new Router({
			...shared,
			auth: this.auth,
			entry,
			rooms: new RoomEntry(
				{ ...documents, rooms, documents: entry },
				this.#roomExit,
			),
			recovery: new Recovery({ ...shared, entry }),
			rates: options.isLimiting ? new RateLimits() : undefined,
			talk: new RoomTalk(bus, rooms),
			desk: new RoomDesk(backend),
			services: new ServiceDesk(backend),
		});
	}

	/** Begins to hear what other gateways tell about users. */
	open(): Promise<void> {
		this.options.bus.onReturn(() => {
			this.checkChannels();
			void this.#rights.run();
		});
		this.#rights.open();
		return this.#users.open((message) => this.#news.hear(message));
	}

	/** A new connection at one of the doors; it is nobody's yet. `place` is the one that it has taken. */
	connect(connection: Connection, place: Place): Session {
		const { clock, log, newSessionId } = this.options;
		const host = { log, onEnd: this.#onEnd };
		const session = new Session(
			newSessionId(),
			connection,
			host,
			clock.nowMs(),
		);
		session.place = place;
		this.sessions.add(session);
		return session;
	}

	/** An owner is gone, and may have told of its last commits nobody. */
	checkChannels(): void {
		this.#check.start();
	}

	get isDraining(): boolean {
		return this.#drain.hasBegun;
	}

	/** Sends every client elsewhere; resolves when all sessions have closed, at the latest after `limitMs`. */
	drain(limitMs: number): Promise<void> {
		return this.#drain.run(limitMs);
	}

	close(): void {
		this.#check.close();
		this.#rights.close();
		this.#presence.close();
		this.#users.close();
	}

	#end(session: Session): void {
		for (const membership of [...session.memberships.values()])
			this.#exit.part(session, membership);
		for (const membership of [...session.rooms.values()])
			this.#roomExit.part(session, membership);
		this.sessions.delete(session, session.userId);
	}
}
