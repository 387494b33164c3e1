import { CLOSES } from "../protocol/close-codes.ts";
import { type BadRequest, decode, type Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ClientEventName } from "../protocol/events.ts";
import type { Clock } from "../shared/clock.ts";
import type { Limits } from "../shared/limits.ts";
import type { Backend } from "./backend.ts";
import type { DocumentEntry } from "./document-entry.ts";
import type { Membership } from "./membership.ts";
import type { Session } from "./session.ts";
import type { SessionAuth } from "./session-auth.ts";
import type { UserRelay } from "./user-relay.ts";

/** Characters of the one frame that a connection may send before it is known. */
const GREETING_CHARS = 8_192;

export interface RouterDeps {
	readonly backend: Pick<Backend, "invite">;
	readonly auth: SessionAuth;
	readonly entry: DocumentEntry;
	readonly users: UserRelay;
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
		const nowMs = this.#deps.clock.nowMs();
		session.heard(nowMs);
		if (session.isClosing) return;
		if (session.identity === undefined) this.#greet(session, text);
		else this.#serve(session, text, nowMs);
	}

	#serve(session: Session, text: string, nowMs: number): void {
		const request = decode(text, this.#deps.limits);
		const duplicate = "event" in request && this.#isOpen(session, request);
		if (duplicate || "error" in request) breakPipelines(session, request);
		if (duplicate) session.refuse(badRequest(request), duplicateId(), nowMs);
		else if ("error" in request) session.refuse(request, request.error, nowMs);
		else this.#answer(session, request as AnyRequest);
	}

	/** Notes the id of a request; true when an earlier one of that id has no answer yet. */
	#isOpen(session: Session, { id }: Request): boolean {
		if (id === undefined) return false;
		if (session.openIds.has(id)) return true;
		session.openIds.add(id);
		return false;
	}

	/** The first frame is a valid `auth`, or the last. */
	#greet(session: Session, text: string): void {
		const { auth, clock, limits } = this.#deps;
		const request = decode(text.slice(0, GREETING_CHARS), limits);
		try {
			if ("error" in request) throw request.error;
			if (request.name !== "auth")
				throw new CollabError("UNAUTHENTICATED", "The first frame is auth", {
					reason: "invalid_token",
				});
			auth.authenticate(session, request as Request<"auth">);
		} catch (error) {
			session.refuse(request, error, clock.nowMs());
			session.close(CLOSES.unauthenticated);
		}
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
		const { auth, entry } = this.#deps;
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
			case "room:invite":
				return this.#invite(session, request);
			case "auth:refresh":
				return auth.refresh(session, request);
			case "auth":
				throw new CollabError("INVALID_STATE", "Already authenticated");
			default:
				return unreachable(request);
		}
	}

	async #leave(
		session: Session,
		request: Request<"document:leave">,
	): Promise<void> {
		await this.#deps.entry.leave(session, request.data.prdId);
		session.acknowledge(request);
	}

	/** Rights that come from a token stop at `edit`: such a session owns nothing. */
	async #invite(
		session: Session,
		request: Request<"room:invite">,
	): Promise<void> {
		const { room: docId, userId, role } = request.data;
		const { identity } = session;
		if (identity === undefined) return;
		if (identity.permissions !== undefined)
			throw new CollabError("FORBIDDEN", "Only the owner invites");
		const { backend, users } = this.#deps;
		await backend.invite({ docId, byUserId: identity.userId, userId, role });
		users.tell({ kind: "role", userId, docId, role, reason: "invited" });
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

function unreachable(value: never): never {
	throw new TypeError(`Unexpected value ${String(value)}`);
}
