import { CLOSES, type Close } from "../protocol/close-codes.ts";
import type { BadRequest, Request, RequestId } from "../protocol/envelope.ts";
import type { CollabError } from "../protocol/errors.ts";
import type { ServerData, ServerEventName } from "../protocol/events.ts";
import {
	type DocId,
	type OpId,
	opIdOf,
	type SessionId,
	type UserId,
} from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import type { Mailbox } from "../shared/mailbox.ts";
import type { Identity } from "./authenticate.ts";
import { Backlog, type PresenceNews } from "./backlog.ts";
import type { Connection } from "./connection.ts";
import type { Place } from "./doorkeeper.ts";
import type { Greeting } from "./greeting.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Membership } from "./membership.ts";
import {
	AckMessage,
	ErrorMessage,
	EventMessage,
	eventMessage,
	type Message,
} from "./message.ts";
import { SOFT_BYTES } from "./outbox.ts";
import { Refusals } from "./refusals.ts";
import { RoleWatches } from "./role-watch.ts";
import type { RoomMembership } from "./room-membership.ts";
import type { Usage } from "./usage.ts";

export const GREETING_MS = 5_000;
const EXPIRY_NOTICE_MS = 60_000;

/** What a connection is: not yet known, somebody's, or on its way out. */
export type SessionState =
	| { readonly phase: "greeting"; readonly openedAtMs: number }
	| {
			readonly phase: "live";
			readonly identity: Identity;
			readonly warned: boolean;
	  }
	| { readonly phase: "closing"; readonly code: number };

export interface SessionHost {
	readonly log: Logger;
	readonly onEnd: (session: Session) => void;
}

/** One connection, from greeting to close. Knows who and since when; what a request does is in the router. */
export class Session {
	readonly id: SessionId;
	readonly memberships = new Map<DocId, Membership>();
	readonly roleWatches = new RoleWatches();
	/** Joins and leaves of one document run one after another; undefined while none runs. */
	turns: Map<DocId, Mailbox> | undefined;
	/** Its token is being looked at. */
	greeting: Greeting | undefined;
	/** What it counts as at the door. */
	place: Place | undefined;
	/** Made when a request is first charged. */
	usage: Usage | undefined;
	/** Documents that it is about to join. */
	joining = 0;
	#opNumber = 0;
	// Made when first needed, like all that most connections never have.
	#rooms: Map<DocId, RoomMembership> | undefined;
	#openIds: Set<RequestId> | undefined;
	readonly #connection: Connection;
	readonly #log: Logger;
	readonly #onEnd: (session: Session) => void;
	#backlog: Backlog | undefined;
	#refusals: Refusals | undefined;
	/** Documents whose edits have to be answered before more is read. */
	#pauses = 0;
	#state: SessionState;
	#userId: UserId | undefined;
	readonly #heartbeat: Heartbeat;

	/** `onEnd` is called once, when the session closes or its peer has gone. */
	constructor(
		id: SessionId,
		connection: Connection,
		{ log, onEnd }: SessionHost,
		nowMs: number,
	) {
		this.id = id;
		this.#onEnd = onEnd;
		this.#connection = connection;
		this.#log = log;
		this.#state = { phase: "greeting", openedAtMs: nowMs };
		this.#heartbeat = new Heartbeat(connection, nowMs);
	}

	/** Generic rooms that it is in. */
	get rooms(): Map<DocId, RoomMembership> {
		this.#rooms ??= new Map();
		return this.#rooms;
	}

	get state(): SessionState {
		return this.#state;
	}

	/** Undefined before a token has been accepted, and after the close. */
	get identity(): Identity | undefined {
		return this.#state.phase === "live" ? this.#state.identity : undefined;
	}

	/** Whose it is; known from the first accepted token on, also after the close. */
	get userId(): UserId | undefined {
		return this.#userId;
	}

	get isClosing(): boolean {
		return this.#state.phase === "closing";
	}

	/** The bearer of a valid token is admitted, or has shown a newer one. */
	admit(identity: Identity): void {
		if (this.isClosing) return;
		this.#userId = identity.userId;
		this.#state = { phase: "live", identity, warned: false };
	}

	send(message: Message, solicited = false): void {
		if (this.isClosing) return;
		if (!this.#connection.send(message, solicited)) this.close(CLOSES.slow);
	}

	/** Bytes that wait for the peer. */
	get queuedBytes(): number {
		return this.#connection.queuedBytes;
	}

	/** Enough waits for the peer: what can wait or be left out is not sent now. */
	get isCongested(): boolean {
		return this.#connection.queuedBytes > SOFT_BYTES;
	}

	/** Runs `task` once, when what is queued now has left. */
	onceDrained(task: () => void): void {
		this.#connection.onceDrained(task);
	}

	/** Presence: a congested peer gets the latest news of each session alone. */
	sendPresence(news: PresenceNews, about: string, message: Message): void {
		const waits = this.#backlog?.isEmpty === false;
		if (waits || this.isCongested) {
			this.#backlog ??= new Backlog(this);
			this.#backlog.put(news, about, message);
		} else this.send(message);
	}

	sendEvent<N extends ServerEventName>(
		name: N,
		data: ServerData<N>,
		solicited = false,
	): void {
		this.send(eventMessage(name, data), solicited);
	}

	/** An event of a document whose data is JSON text already. */
	sendJson(
		name: ServerEventName,
		docId: DocId,
		dataJson: string,
		solicited = false,
	): void {
		this.send(new EventMessage(name, [dataJson], docId), solicited);
	}

	/** Notes the id of a request; false: an earlier one of that id has no answer yet. */
	begin({ id }: Request): boolean {
		if (id === undefined) return true;
		if (this.#openIds?.has(id)) return false;
		this.#openIds ??= new Set();
		this.#openIds.add(id);
		return true;
	}

	#answered(id: RequestId | undefined): void {
		if (id === undefined || !this.#openIds?.delete(id)) return;
		if (this.#openIds.size === 0) this.#openIds = undefined;
	}

	/** Acknowledges a request; `dataJson` is the payload of the event that answers it. Nothing without an id. */
	acknowledge(request: Request, dataJson = "{}", solicited = false): void {
		const { id } = request;
		if (id === undefined) return;
		this.#answered(id);
		this.send(new AckMessage(id, dataJson), solicited);
	}

	/** Answers a request with an error; malformed ones are counted, and too many of them end the session. */
	refuse(request: Request | BadRequest, error: unknown, nowMs: number): void {
		const isTooMany = this.#noted.note(request, error, nowMs);
		if ("event" in request) this.#answered(request.id);
		this.send(new ErrorMessage(request, error));
		if (isTooMany) this.close(CLOSES.malformed);
	}

	/** Answers a request that has not been looked at yet; its id stays with an earlier one, if there is one. */
	turnAway(
		request: Request | BadRequest,
		error: CollabError,
		nowMs: number,
	): void {
		const { name, type, id } = request;
		this.#noted.note(request, error, nowMs);
		this.send(new ErrorMessage({ name, type, id }, error));
	}

	get #noted(): Refusals {
		this.#refusals ??= new Refusals(this, this.#log);
		return this.#refusals;
	}

	pauseReading(): void {
		this.#pauses += 1;
		if (this.#pauses === 1) this.#connection.setReading?.(false);
	}

	resumeReading(): void {
		this.#pauses -= 1;
		if (this.#pauses === 0) this.#connection.setReading?.(true);
	}

	close(close: Close): void {
		if (this.isClosing) return;
		this.#log.info(
			{ session: this.id, user: this.userId, code: close.code },
			"session closed",
		);
		this.#state = { phase: "closing", code: close.code };
		this.#connection.close(close);
		this.#end();
	}

	/** The peer is gone: whatever is still being done for it has nobody to answer. */
	gone(): void {
		if (this.isClosing) return;
		this.#state = { phase: "closing", code: 1006 };
		this.#end();
	}

	#end(): void {
		this.#refusals?.close();
		this.#onEnd(this);
	}

	/** For an edit without an op id; never used twice, whatever is left and joined in between. */
	nextOpId(): OpId {
		this.#opNumber += 1;
		return opIdOf(this.id, this.#opNumber);
	}

	/** Any frame of the peer. */
	heard(nowMs: number): void {
		this.#heartbeat.heard(nowMs);
	}

	tick(nowMs: number): void {
		const state = this.#state;
		if (state.phase === "closing") return;
		if (this.#connection.isStuck(nowMs)) this.close(CLOSES.slow);
		else if (state.phase === "live") {
			this.watchExpiry(nowMs);
			// Who is not listened to is not silent.
			if (this.#pauses > 0) this.heard(nowMs);
			if (!this.#heartbeat.beat(nowMs)) this.close(CLOSES.heartbeat);
			for (const membership of this.memberships.values())
				membership.tick(nowMs);
		} else if (nowMs - state.openedAtMs >= GREETING_MS)
			this.close(CLOSES.unauthenticated);
	}

	/** Warns before the token expires, and closes when it has. */
	watchExpiry(nowMs: number): void {
		if (this.#state.phase !== "live") return;
		const { identity, warned } = this.#state;
		const leftMs = identity.expiresAtMs - nowMs;
		if (leftMs <= 0) this.close(CLOSES.tokenExpired);
		if (leftMs <= 0 || warned || leftMs > EXPIRY_NOTICE_MS) return;
		this.#state = { phase: "live", identity, warned: true };
		this.sendEvent("auth:expiring", {
			tokenExpiresAt: new Date(identity.expiresAtMs).toISOString(),
		});
	}
}
