import { CLOSES } from "../protocol/close-codes.ts";
import type { ClientId, UserId } from "../shared/ids.ts";
import type { Session } from "./session.ts";
import type { Wheel } from "./wheel.ts";

/** The sessions of this gateway, by user and by client. */
export class Sessions {
	readonly all = new Set<Session>();
	readonly #wheel: Wheel;
	readonly #byUser = new Map<UserId, Set<Session>>();
	/** The newest session of each client; the key holds the user too, because nobody ends another's session. */
	readonly #byClient = new Map<string, Session>();
	/** In which order they came. */
	readonly #numbers = new WeakMap<Session, number>();
	#count = 0;
	readonly #clientKeys = new WeakMap<Session, string[]>();

	constructor(wheel: Wheel) {
		this.#wheel = wheel;
	}

	add(session: Session): void {
		this.#count += 1;
		this.#numbers.set(session, this.#count);
		this.all.add(session);
		this.#wheel.add(session);
	}

	/** The session has become this user's. */
	name(session: Session, userId: UserId): void {
		const sessions = this.#byUser.get(userId);
		if (sessions === undefined) this.#byUser.set(userId, new Set([session]));
		else sessions.add(session);
	}

	of(userId: UserId): Iterable<Session> {
		return this.#byUser.get(userId) ?? [];
	}

	/** A client lives in one session: the older one is closed, also when it is the one that claims. */
	claim(session: Session, userId: UserId, clientId: ClientId): void {
		const key = `${userId}~${clientId}`;
		const older = this.#byClient.get(key);
		if (older === session) return;
		if (older !== undefined && this.#number(older) > this.#number(session)) {
			session.close(CLOSES.replaced);
			return;
		}
		this.#byClient.set(key, session);
		const keys = this.#clientKeys.get(session);
		if (keys === undefined) this.#clientKeys.set(session, [key]);
		else keys.push(key);
		older?.close(CLOSES.replaced);
	}

	#number(session: Session): number {
		return this.#numbers.get(session) ?? 0;
	}

	delete(session: Session, userId: UserId | undefined): void {
		this.all.delete(session);
		this.#wheel.delete(session);
		for (const key of this.#clientKeys.get(session) ?? [])
			if (this.#byClient.get(key) === session) this.#byClient.delete(key);
		if (userId === undefined) return;
		const sessions = this.#byUser.get(userId);
		sessions?.delete(session);
		if (sessions?.size === 0) this.#byUser.delete(userId);
	}
}
