import { CollabError } from "../protocol/errors.ts";
import type { TokenMark } from "../rooms/revocation-store.ts";
import type { Clock } from "../shared/clock.ts";
import type { UserId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { Quota } from "../shared/ports/quota.ts";
import { AddressBook, HANDSHAKES } from "./address-book.ts";
import type { Authenticator, Identity } from "./authenticate.ts";
import { HandshakeRefused } from "./http-refusal.ts";
import type { RevocationCheck } from "./revocation-check.ts";
import type { UserRelay } from "./user-relay.ts";

export interface DoorkeeperDeps {
	readonly authenticator: Authenticator;
	readonly revocations: Pick<RevocationCheck, "isRevoked">;
	readonly users: Pick<UserRelay, "tell">;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly log: Logger;
	/** Off: nobody is refused for coming too often, or with too many others. */
	readonly isLimiting: boolean;
	/** What this gateway shares with others; absent: there are none. */
	readonly quota?: Quota;
}

const FULL_RETRY_S = 5;

/** One connection's place, from the handshake to its end. */
export interface Place {
	readonly address: string;
	userId: UserId | undefined;
	hasLeft: boolean;
	/** Names under which it has places that all gateways share. */
	shared: readonly string[];
}

/** Who may come in at all, whichever door he comes to. */
export class Doorkeeper {
	readonly #deps: DoorkeeperDeps;
	readonly #book = new AddressBook();
	readonly #byAddress = new Map<string, number>();
	readonly #byUser = new Map<string, number>();
	#places = 0;

	constructor(deps: DoorkeeperDeps) {
		this.#deps = deps;
	}

	/** Connections that are there. */
	get size(): number {
		return this.#places;
	}

	/** Charges a handshake to its address. Throws `RATE_LIMITED` (429). */
	knock(address: string): void {
		const { clock, isLimiting } = this.#deps;
		if (!isLimiting) return;
		const waitMs = this.#book.knock(address, clock.nowMs());
		if (waitMs > 0) throw tooMany("Too many handshakes", waitMs);
	}

	/** Takes a place for a connection; `leave` gives it back. Throws `RATE_LIMITED` (429) or `UNAVAILABLE` (503). */
	enter(address: string): Place {
		const { isLimiting, limits } = this.#deps;
		const there = this.#byAddress.get(address) ?? 0;
		if (isLimiting && this.#places >= limits.connections)
			throw new HandshakeRefused(503, "UNAVAILABLE", "This node is full", {
				"Retry-After": String(FULL_RETRY_S),
			});
		if (isLimiting && there >= limits.connectionsPerAddress)
			throw tooMany("Too many connections from this address");
		this.#places += 1;
		this.#byAddress.set(address, there + 1);
		return { address, userId: undefined, hasLeft: false, shared: [] };
	}

	leave(place: Place): void {
		if (place.hasLeft) return;
		place.hasLeft = true;
		this.#places -= 1;
		decrease(this.#byAddress, place.address);
		this.#disown(place);
	}

	/**
	 * Whose token it is; the place is then his. Throws `UNAUTHENTICATED`, from a blocked address `RATE_LIMITED` instead;
	 * `RATE_LIMITED` when the person has too many connections, `UNAVAILABLE` when nobody knows whether it is revoked.
	 */
	async identify(token: string, place: Place): Promise<Identity> {
		await this.#chargeShared(place);
		const identity = await this.#tell(token, place.address);
		const { isLimiting, limits } = this.#deps;
		const { userId } = identity;
		const there = this.#byUser.get(userId) ?? 0;
		if (isLimiting && there >= limits.connectionsPerUser)
			throw tooMany("Too many connections of this person");
		if (place.hasLeft || place.userId !== undefined) return identity;
		place.userId = userId;
		this.#byUser.set(userId, there + 1);
		await this.#takeShared(place, userId);
		return identity;
	}

	/** Whose token it is. Throws `UNAUTHENTICATED`, or `UNAVAILABLE` when nobody knows whether it is revoked. */
	async verify(token: string): Promise<Identity> {
		const identity = this.#deps.authenticator.verify(token);
		if (await this.#isRevoked(identity))
			throw new CollabError("UNAUTHENTICATED", "The token has been revoked", {
				reason: "invalid_token",
			});
		return identity;
	}

	/** The handshakes of an address at all gateways; those that are too many here have been refused before. */
	async #chargeShared({ address }: Place): Promise<void> {
		const { quota, isLimiting } = this.#deps;
		if (quota === undefined || !isLimiting) return;
		const waitMs = await quota.charge(`handshakes:${address}`, HANDSHAKES);
		if (waitMs > 0) throw tooMany("Too many handshakes", waitMs);
	}

	/** The connections of a person, and from an address, at all gateways. */
	async #takeShared(place: Place, userId: UserId): Promise<void> {
		const { quota, isLimiting, limits } = this.#deps;
		if (quota === undefined || !isLimiting) return;
		const person = { name: `user:${userId}`, limit: limits.connectionsPerUser };
		const address = {
			name: `address:${place.address}`,
			limit: limits.connectionsPerAddress,
		};
		const full = await quota.take([person, address]);
		if (full === undefined) {
			place.shared = [person.name, address.name];
			if (place.hasLeft) this.#disown(place);
			return;
		}
		this.#disown(place);
		throw tooMany(
			full === person.name
				? "Too many connections of this person"
				: "Too many connections from this address",
		);
	}

	/** The place is nobody's any more. */
	#disown(place: Place): void {
		const { userId, shared } = place;
		place.userId = undefined;
		place.shared = [];
		if (userId !== undefined) decrease(this.#byUser, userId);
		if (shared.length > 0) this.#deps.quota?.give(shared);
	}

	async #tell(token: string, address: string): Promise<Identity> {
		const { clock, isLimiting } = this.#deps;
		try {
			return await this.verify(token);
		} catch (error) {
			const isBad =
				error instanceof CollabError && error.code === "UNAUTHENTICATED";
			if (!isLimiting || !isBad) throw error;
			const blockedMs = this.#book.blockedMs(address, clock.nowMs());
			if (blockedMs > 0) throw tooMany("Too many bad tokens", blockedMs);
			if (this.#book.fail(address, clock.nowMs())) this.#alert(address);
			throw error;
		}
	}

	async #isRevoked(mark: TokenMark): Promise<boolean> {
		try {
			return await this.#deps.revocations.isRevoked(mark);
		} catch (cause) {
			throw new HandshakeRefused(
				503,
				"UNAVAILABLE",
				"Tokens cannot be checked now",
				{ "Retry-After": String(FULL_RETRY_S) },
				{ cause },
			);
		}
	}

	#alert(address: string): void {
		const { users, log } = this.#deps;
		log.warn({ address }, "address blocked after bad tokens");
		users.tell({
			kind: "admins",
			alert: {
				type: "suspicious_activity",
				message: `Multiple failed authentication attempts detected from ${address}`,
				action: "address_blocked",
			},
		});
	}
}

const tooMany = (message: string, waitMs = 1_000): HandshakeRefused =>
	new HandshakeRefused(
		429,
		"RATE_LIMITED",
		message,
		{ "Retry-After": String(Math.ceil(waitMs / 1_000)) },
		{ retryAfterMs: waitMs },
	);

function decrease(counts: Map<string, number>, key: string): void {
	const left = (counts.get(key) ?? 1) - 1;
	if (left === 0) counts.delete(key);
	else counts.set(key, left);
}
