import { CLOSES, type Close } from "../protocol/close-codes.ts";
import { type BadRequest, decode, type Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ClientEventName } from "../protocol/events.ts";
import type { Clock } from "../shared/clock.ts";
import type { Limits } from "../shared/limits.ts";
import type { DocumentEntry } from "./document-entry.ts";
import { Greeting } from "./greeting.ts";
import type { Membership } from "./membership.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Recovery } from "./recovery.ts";
import type { RoomDesk } from "./room-desk.ts";
import type { RoomEntry } from "./room-entry.ts";
import type { RoomTalk } from "./room-talk.ts";
import type { ServiceDesk } from "./service-desk.ts";
import type { Session } from "./session.ts";
import type { SessionAuth } from "./session-auth.ts";

/** Characters of the one frame that a connection may send before it is known. */
const GREETING_CHARS = 8_192;

export interface RouterDeps {
	readonly auth: SessionAuth;
	readonly entry: DocumentEntry;
	readonly rooms: RoomEntry;
	readonly talk: RoomTalk;
	readonly desk: RoomDesk;
	readonly recovery: Recovery;
	readonly services: ServiceDesk;
	/** Undefined: no request is refused for coming too often. */
	readonly rates: RateLimits | undefined;
	readonly clock: Clock;
	readonly limits: Limits;
}

type AnyRequest = {
	readonly [N in ClientEventName]: Request<N>;
}[ClientEventName];

/** From a text frame to what it asks for; whatever that throws is the request's answer. */
export class Router {
	readonly #deps: RouterDeps;

	constructor(deps: RouterDeps) {
		this.#deps = deps;
	}

	receive(session: Session, text: string): void {
		if (session.isClosing) return;
		if (session.identity === undefined) {
			session.heard(this.#deps.clock.nowMs());
			this.#greet(session, text);
		} else this.accept(session, decode(text, this.#deps.limits));
	}

	/** What a door has read from somebody who is known. */
	accept(session: Session, request: Request | BadRequest): void {
		const nowMs = this.#deps.clock.nowMs();
		session.heard(nowMs);
		if (!session.isClosing) this.#serve(session, request, nowMs);
	}

	#serve(session: Session, request: Request | BadRequest, nowMs: number): void {
		if (this.#deps.rates?.charge(session, request, nowMs) === false) return;
		const duplicate = "event" in request && !session.begin(request);
		if (duplicate || "error" in request) breakPipelines(session, request);
		if (duplicate) session.refuse(badRequest(request), duplicateId(), nowMs);
		else if ("error" in request) session.refuse(request, request.error, nowMs);
		else this.#answer(session, request as AnyRequest);
	}

	/** The first frame is a valid `auth`, or the last; those that follow wait until it is known to be valid. */
	#greet(session: Session, text: string): void {
		if (session.greeting !== undefined) {
			if (!session.greeting.hold(text)) session.close(CLOSES.unauthenticated);
			return;
		}
		const { limits } = this.#deps;
		const request = decode(text.slice(0, GREETING_CHARS), limits);
		session.greeting = new Greeting();
		void this.#authenticate(session, request);
	}

	async #authenticate(
		session: Session,
		request: Request | BadRequest,
	): Promise<void> {
		const { auth, clock } = this.#deps;
		try {
			if ("error" in request) throw request.error;
			if (request.name !== "auth")
				throw new CollabError("UNAUTHENTICATED", "The first frame is auth", {
					reason: "invalid_token",
				});
			await auth.authenticate(session, request as Request<"auth">);
		} catch (error) {
			session.refuse(request, error, clock.nowMs());
			session.close(closeAfter(error));
		}
		const held = session.greeting?.take() ?? [];
		session.greeting = undefined;
		for (const text of held) this.receive(session, text);
	}

	#answer(session: Session, request: AnyRequest): void {
		try {
			const done = this.#handle(session, request);
			// Edits, the many, come back without a promise.
			if (done !== undefined) void this.#watch(session, request, done);
		} catch (error) {
			session.refuse(request as Request, error, this.#deps.clock.nowMs());
		}
	}

	async #watch(
		session: Session,
		request: AnyRequest,
		done: Promise<void>,
	): Promise<void> {
		try {
			await done;
		} catch (error) {
			session.refuse(request as Request, error, this.#deps.clock.nowMs());
		}
	}

	#handle(session: Session, request: AnyRequest): Promise<void> | undefined {
		const { auth, entry, recovery, rooms, talk, desk, services } = this.#deps;
		switch (request.name) {
			case "operation:edit":
				joined(session, request.data.prdId).edit(request);
				return undefined;
			case "ping":
				session.acknowledge(request);
				return undefined;
			case "document:join":
				return entry.join(session, request);
			case "document:leave":
				joined(session, request.data.prdId);
				return this.#leave(session, request);
			case "presence:cursor":
				joined(session, request.data.prdId).seat.move(request.data);
				session.acknowledge(request);
				return undefined;
			case "presence:status":
				joined(session, request.data.prdId).seat.say(request.data.status);
				session.acknowledge(request);
				return undefined;
			case "session:recover":
				return recovery.recover(session, request);
			case "room:join":
				return rooms.join(session, request);
			case "room:leave":
				return this.#leaveRoom(session, request);
			case "room:message":
				talk.say(session, request);
				return undefined;
			case "room:create":
				return desk.create(session, request);
			case "room:list":
				return desk.list(session, request);
			case "room:invite":
				return desk.invite(session, request);
			case "room:kick":
				return desk.kick(session, request);
			case "auth:refresh":
				return auth.refresh(session, request);
			case "auth":
				throw new CollabError("INVALID_STATE", "Already authenticated");
			default:
				return services.ask(session, request);
		}
	}

	async #leave(
		session: Session,
		request: Request<"document:leave">,
	): Promise<void> {
		await this.#deps.entry.leave(session, request.data.prdId);
		session.acknowledge(request);
	}

	async #leaveRoom(
		session: Session,
		request: Request<"room:leave">,
	): Promise<void> {
		await this.#deps.rooms.leave(session, request.data.room);
		session.acknowledge(request);
	}
}

/** What cannot be read may have been an edit: those sent after it presuppose it. */
function breakPipelines(
	session: Session,
	{ name }: Request | BadRequest,
): void {
	if (name !== undefined && name !== "operation:edit") return;
	for (const membership of session.memberships.values())
		membership.refusedAtTheDoor();
}

/** How a connection ends that could not say who it is. */
function closeAfter(error: unknown): Close {
	const code = error instanceof CollabError ? error.code : undefined;
	if (code === "RATE_LIMITED") return CLOSES.rateAbuse;
	return code === "UNAVAILABLE" ? CLOSES.overloaded : CLOSES.unauthenticated;
}

function joined(
	session: Session,
	docId: Membership["about"]["docId"],
): Membership {
	const membership = session.memberships.get(docId);
	if (membership === undefined)
		throw new CollabError("NOT_JOINED", "Join the document first", {
			prdId: docId,
		});
	return membership;
}

/** Answered like a bad request, because the id stays with the earlier one. */
const badRequest = ({ name, type, id, size }: Request): BadRequest => ({
	name,
	type,
	id,
	size,
	error: duplicateId(),
});

const duplicateId = (): CollabError =>
	new CollabError("ALREADY_EXISTS", "This id still waits for its answer", {
		field: "id",
	});
