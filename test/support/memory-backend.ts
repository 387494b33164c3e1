import type {
	Backend,
	DocumentPlace,
	EnterRequest,
	JoinAnswer,
	JoinRequest,
} from "../../src/gateway/backend.ts";
import {
	USERS_CHANNEL,
	type UserMessage,
} from "../../src/gateway/user-relay.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	transform,
} from "../../src/ot/document-op.ts";
import type {
	PresentSession,
	StatusChange,
} from "../../src/presence/presence-book.ts";
import type { Asked } from "../../src/protocol/asked.ts";
import {
	documentChannel,
	type OpMessage,
	opMessage,
} from "../../src/protocol/document-message.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import type { ReplyData, ServedEventName } from "../../src/protocol/events.ts";
import { fromSimple } from "../../src/protocol/simple-format.ts";
import type {
	Submission,
	SubmissionResult,
} from "../../src/protocol/submission.ts";
import type {
	InviteRequest,
	KickRequest,
	NewRoom,
	VisitRequest,
} from "../../src/rooms/requests.ts";
import type { Revocation } from "../../src/rooms/revocation-store.ts";
import type {
	DocId,
	ReplicaId,
	SessionId,
	UserId,
} from "../../src/shared/ids.ts";
import type { ChannelBus } from "../../src/shared/ports/channel-bus.ts";
import type { Role } from "../../src/shared/roles.ts";

interface StoredDocument {
	content: DocumentContent;
	readonly log: CommittedOp[];
	readonly messages: OpMessage[];
	readonly clock: Map<ReplicaId, number>;
	readonly roles: Map<UserId, Role>;
	readonly present: Map<SessionId, PresentSession>;
}

type RoleMessage = Extract<UserMessage, { kind: "role" }>;

/** The other services in one object: real arithmetic, no storage. Any call can be replaced by the test. */
export class MemoryBackend implements Backend {
	readonly documents = new Map<DocId, StoredDocument>();
	/** Everything that was submitted, in order of arrival. */
	readonly submitted: Submission[] = [];
	readonly left: SessionId[] = [];
	/** What the presence service was told, and what it answers. */
	readonly statusChanges: StatusChange[] = [];
	knowsGateway = true;
	/** Answers instead of the owner while it returns something. */
	answer:
		| ((submission: Submission) => Promise<SubmissionResult> | undefined)
		| undefined;
	/** How many `opsSince` calls fail from now on, and how many there were. */
	failingReads = 0;
	/** The log tells op by op what is at most so far back. */
	farthest = Number.POSITIVE_INFINITY;
	reads = 0;
	readonly #bus: ChannelBus;

	constructor(bus: ChannelBus) {
		this.#bus = bus;
	}

	document(docId: DocId): StoredDocument {
		const found = this.documents.get(docId);
		if (found !== undefined) return found;
		const made: StoredDocument = {
			content: { text: "", runs: [] },
			log: [],
			messages: [],
			clock: new Map(),
			roles: new Map(),
			present: new Map(),
		};
		this.documents.set(docId, made);
		return made;
	}

	async enterRoom({ docId, userId, create, tokenRole }: EnterRequest) {
		if (!this.documents.has(docId)) {
			if (!create) throw new CollabError("NOT_FOUND", "No such document");
			this.document(docId).roles.set(userId, "owner");
		}
		const role = tokenRole ?? this.document(docId).roles.get(userId);
		if (role === undefined) throw new CollabError("FORBIDDEN", "Not a member");
		return { role, title: docId };
	}

	/** Generic rooms by id; every document is a room too. */
	readonly rooms = new Map<DocId, NewRoom>();

	async visitRoom({ docId, userId, tokenRole }: VisitRequest) {
		const made = this.rooms.get(docId);
		if (made === undefined && !this.documents.has(docId))
			throw new CollabError("NOT_FOUND", "No such room");
		const role =
			tokenRole === undefined
				? this.document(docId).roles.get(userId)
				: tokenRole;
		if (role === undefined || role === null)
			throw new CollabError("FORBIDDEN", "Not a member");
		const { kind, title, visibility, metadata } = made ?? {
			kind: "document" as const,
			title: docId,
			visibility: "private" as const,
			metadata: {},
		};
		const createdAtMs = 0;
		const room = { kind, title, visibility, metadata, createdAtMs };
		return { roomId: docId, ...room, role };
	}

	async createRoom(request: NewRoom): Promise<void> {
		const { docId, userId } = request;
		if (this.documents.has(docId))
			throw new CollabError("ALREADY_EXISTS", "Taken");
		this.rooms.set(docId, request);
		this.document(docId).roles.set(userId, "owner");
	}

	async listRooms(userId: UserId) {
		const mine = [...this.documents].filter(([, { roles }]) =>
			roles.has(userId),
		);
		return Promise.all(
			mine.map(([docId]) => this.visitRoom({ docId, userId })),
		);
	}

	async invite(request: InviteRequest): Promise<void> {
		const { docId, invitedId: userId, role } = request;
		const { roles } = await this.#owned(request);
		roles.set(userId, role);
		this.#tellRole({ userId, docId, role, reason: "invited" });
	}

	async kick(request: KickRequest): Promise<void> {
		const { docId, kickedId: userId } = request;
		const { roles } = await this.#owned(request);
		roles.delete(userId);
		this.#tellRole({ userId, docId, role: null, reason: "kicked" });
	}

	async #owned(request: VisitRequest): Promise<StoredDocument> {
		const { role } = await this.visitRoom(request);
		if (role !== "owner") throw new CollabError("FORBIDDEN", "Not the owner");
		return this.document(request.docId);
	}

	#tellRole(change: Omit<RoleMessage, "kind">): void {
		this.#bus.publish(USERS_CHANNEL, { head: { kind: "role", ...change } });
	}

	async joinDocument({
		docId,
		userId,
		since,
	}: JoinRequest): Promise<JoinAnswer> {
		const { content, messages, clock } = this.document(docId);
		const rev = revOf(since);
		const recent = rev !== undefined && rev <= messages.length;
		return {
			revision: messages.length,
			epoch: "e1",
			replicaId: userId as string as ReplicaId,
			vectorClock: Object.fromEntries(clock),
			state: recent
				? { kind: "ops", ops: messages.slice(rev) }
				: { kind: "snapshot", text: content.text, runs: content.runs },
		};
	}

	/** Those in force. */
	readonly revocations: Revocation[] = [];
	async listRevocations(): Promise<readonly Revocation[]> {
		return this.revocations;
	}

	async listRoles(
		visits: readonly { readonly docId: DocId; readonly userId: UserId }[],
	) {
		return visits.map(
			({ docId, userId }) => this.document(docId).roles.get(userId) ?? null,
		);
	}

	async heads(places: readonly DocumentPlace[]) {
		return places.flatMap(([docId, rev]) => {
			const head = this.document(docId).log.length;
			return head > rev ? [[docId, head] as const] : [];
		});
	}

	async leaveDocument({
		sessionId,
	}: {
		readonly sessionId: SessionId;
	}): Promise<void> {
		this.left.push(sessionId);
	}

	async submit(submission: Submission): Promise<SubmissionResult> {
		this.submitted.push(submission);
		const answer = this.answer?.(submission);
		if (answer !== undefined) return answer;
		const { docId, opId } = submission;
		const known = this.document(docId).messages.find(
			({ head }) => head.opId === opId,
		);
		if (known !== undefined) return { outcome: "known", message: known };
		if (submission.mustBeKnown) return { outcome: "refused", error: GONE };
		try {
			const message = this.commit(submission);
			this.#bus.publish(documentChannel(docId), message);
			return { outcome: "committed", rev: message.head.rev };
		} catch (error) {
			const { code, message } = error as CollabError;
			return { outcome: "refused", error: { code, message } };
		}
	}

	/** Writes an edit to the log without telling anybody. */
	commit(submission: Submission): OpMessage {
		const { docId, edit, opId, userId, replicaId, sessionId } = submission;
		const document = this.document(docId);
		const { log, clock } = document;
		const made: DocumentOp =
			edit.form === "native"
				? { t: edit.op, m: edit.marks }
				: fromSimple(edit.operation, edit.unit, []);
		const baseRev = submission.revision ?? log.length;
		const op = log
			.slice(baseRev)
			.filter((newer) => newer.sessionId !== sessionId)
			.reduce((moved, newer) => transform(moved, newer.op, "left"), made);
		document.content = applyOp(document.content, op);
		clock.set(replicaId, (clock.get(replicaId) ?? 0) + 1);
		const committed: CommittedOp = {
			rev: log.length + 1,
			op,
			opId,
			userId,
			replicaId,
			sessionId,
			baseRev,
			payloadHash: "",
			committedAtMs: 0,
		};
		log.push(committed);
		const changed = JSON.stringify(op) === JSON.stringify(made);
		const message = opMessage(
			docId,
			committed,
			clock,
			changed ? {} : { changed: true },
		);
		document.messages.push(message);
		return message;
	}

	async opsSince(docId: DocId, since: number): Promise<readonly OpMessage[]> {
		this.reads += 1;
		if (this.failingReads > 0) {
			this.failingReads -= 1;
			throw new CollabError("UNAVAILABLE", "The log is not there");
		}
		const { messages } = this.document(docId);
		if (messages.length - since > this.farthest) return [];
		return messages.slice(since, since + 100);
	}

	/** What the services were asked, and what they answer. */
	readonly asked: Asked[] = [];
	reply: (asked: Asked) => unknown = () => ({});

	async ask<N extends ServedEventName>(asked: Asked<N>): Promise<ReplyData<N>> {
		this.asked.push(asked);
		return this.reply(asked) as ReplyData<N>;
	}

	async present(docId: DocId, session: PresentSession) {
		const { present } = this.document(docId);
		const others = [...present.values()];
		present.set(session.sessionId, session);
		return others;
	}

	async absent(docId: DocId, sessionId: SessionId): Promise<void> {
		this.document(docId).present.delete(sessionId);
	}

	async reportPresence(changes: readonly StatusChange[]): Promise<boolean> {
		this.statusChanges.push(...changes);
		return this.knowsGateway;
	}
}

const GONE = {
	code: "RESYNC_REQUIRED",
	message: "The text has been replaced",
	data: { reason: "reset" },
} as const;

/** A clock is taken at its sum. */
function revOf(since: JoinRequest["since"]): number | undefined {
	if (since === undefined || "rev" in since) return since?.rev;
	return Object.values(since.clock).reduce((sum, count) => sum + count, 0);
}
