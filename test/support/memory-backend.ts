import type {
	Backend,
	EnterRequest,
	JoinAnswer,
	JoinRequest,
} from "../../src/gateway/backend.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	transform,
} from "../../src/ot/document-op.ts";
import type { PresentSession } from "../../src/presence/presence-book.ts";
import {
	documentChannel,
	type OpMessage,
	opMessage,
} from "../../src/protocol/document-message.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import { fromSimple } from "../../src/protocol/simple-format.ts";
import type {
	Submission,
	SubmissionResult,
} from "../../src/protocol/submission.ts";
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

/** The other services in one object: real arithmetic, no storage. Any call can be replaced by the test. */
export class MemoryBackend implements Backend {
	readonly documents = new Map<DocId, StoredDocument>();
	/** Everything that was submitted, in order of arrival. */
	readonly submitted: Submission[] = [];
	readonly left: SessionId[] = [];
	/** Answers instead of the owner while it returns something. */
	answer:
		| ((submission: Submission) => Promise<SubmissionResult> | undefined)
		| undefined;
	/** How many `opsSince` calls fail from now on, and how many there were. */
	failingReads = 0;
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

	async invite(request: Parameters<Backend["invite"]>[0]): Promise<void> {
		const { roles } = this.document(request.docId);
		if (roles.get(request.byUserId) !== "owner")
			throw new CollabError("FORBIDDEN", "Only the owner invites");
		roles.set(request.userId, request.role);
	}

	async joinDocument({
		docId,
		userId,
		since,
	}: JoinRequest): Promise<JoinAnswer> {
		const { content, messages, clock } = this.document(docId);
		const recent = since !== undefined && since.rev <= messages.length;
		return {
			revision: messages.length,
			epoch: "e1",
			replicaId: userId as string as ReplicaId,
			vectorClock: Object.fromEntries(clock),
			state: recent
				? { kind: "ops", ops: messages.slice(since.rev) }
				: { kind: "snapshot", text: content.text, runs: content.runs },
		};
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
		return this.document(docId).messages.slice(since, since + 100);
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
}
