import { CLOSES } from "../protocol/close-codes.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError, toWireError } from "../protocol/errors.ts";
import type { ClientData } from "../protocol/events.ts";
import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { Arrival } from "./arrival.ts";
import type { JoinRequest } from "./backend.ts";
import type { DocumentEntry } from "./document-entry.ts";
import type { JoinAsk } from "./join-attempt.ts";
import { missedJson, snapshotFields } from "./joined.ts";
import { EventMessage } from "./message.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { UserRelay } from "./user-relay.ts";

type Recover = Request<"session:recover">;

export interface RecoveryDeps {
	readonly entry: DocumentEntry;
	readonly sessions: Sessions;
	readonly users: UserRelay;
	readonly limits: Limits;
	readonly log: Logger;
}

/** Characters of one answer; a document that does not fit is to be joined by itself. */
const ANSWER_CHARS = 16_777_216;

/** A document of the answer: as JSON text, or why it is not there. */
type Outcome =
	| { readonly docId: DocId; readonly arrival: Arrival; readonly json: string }
	| { readonly docId: DocId; readonly error: unknown };

/** The answer under way. */
interface Answering {
	/** Characters that it may still take. */
	readonly room: { left: number };
	/** Resolves when it has gone out. */
	readonly done: Promise<void>;
}

/** Brings a client that comes back into all its documents, each from where it was. */
export class Recovery {
	readonly #deps: RecoveryDeps;

	constructor(deps: RecoveryDeps) {
		this.#deps = deps;
	}

	/** Throws `VALIDATION_FAILED` for too many documents; what one document fails with is in its place in the answer. */
	async recover(session: Session, request: Recover): Promise<void> {
		const { userId } = session;
		if (userId === undefined) return;
		const docIds = [...new Set(request.data.activeSessions)];
		this.#checkCount(docIds.length);
		this.#endEarlier(session, userId, request.data.sessionId);
		const answered = Promise.withResolvers<void>();
		const room = { left: ANSWER_CHARS };
		const attempts = docIds.map((docId) =>
			this.#enter(session, askOf(docId, request.data), {
				room,
				done: answered.promise,
			}),
		);
		const outcomes = await Promise.all(attempts.map(({ outcome }) => outcome));
		answer(session, request, outcomes);
		answered.resolve();
		await Promise.all(attempts.map(({ entered }) => entered));
	}

	#checkCount(count: number): void {
		const max = this.#deps.limits.documents;
		if (count <= max) return;
		throw new CollabError("VALIDATION_FAILED", "Too many activeSessions", {
			field: "activeSessions",
			limit: "documents",
			max,
		});
	}

	/** One person's earlier session ends before this one takes its place; what its peer still does is ignored. */
	#endEarlier(session: Session, userId: UserId, id: string | undefined): void {
		if (id === undefined || id === session.id) return;
		const earlier = id as SessionId;
		const { sessions, users } = this.#deps;
		for (const other of [...sessions.of(userId)])
			if (other.id === earlier) other.close(CLOSES.replaced);
		users.tell({ kind: "replaced", userId, sessionId: earlier });
	}

	/** Comes in; the document's later events wait until the answer has gone out. */
	#enter(session: Session, ask: JoinAsk, { room, done }: Answering) {
		const { docId } = ask;
		const known = Promise.withResolvers<Outcome>();
		const entered = this.#deps.entry
			.enter(session, ask, (arrival) => {
				const json = entryJson(arrival);
				if (json.length > room.left) throw tooBig();
				room.left -= json.length;
				known.resolve({ docId, arrival, json });
				return done;
			})
			.then(() => known.resolve({ docId, error: closing() }))
			.catch((error: unknown) => {
				if (!(error instanceof CollabError))
					this.#deps.log.error({ doc: docId, err: error }, "recovery failed");
				known.resolve({ docId, error });
			});
		return { entered, outcome: known.promise };
	}
}

function askOf(docId: DocId, data: ClientData<"session:recover">): JoinAsk {
	const mode = data.modes?.[docId];
	const unit = data.units?.[docId];
	const format = data.formats?.[docId];
	const since = sinceOf(docId, data);
	const { clientId, sessionId } = data;
	return {
		docId,
		create: false,
		...(mode === undefined ? {} : { mode }),
		...(unit === undefined ? {} : { unit }),
		...(format === undefined ? {} : { format }),
		...(clientId === undefined ? {} : { clientId }),
		...(since === undefined ? {} : { since }),
		...(sessionId === undefined ? {} : { earlier: sessionId as SessionId }),
	};
}

/** A revision says it all; a clock is read where there is none. */
function sinceOf(
	docId: DocId,
	{ lastRevisions, lastVectorClocks, epochs }: ClientData<"session:recover">,
): JoinRequest["since"] {
	const rev = lastRevisions?.[docId];
	const clock = lastVectorClocks?.[docId];
	const epoch = epochs?.[docId];
	const named = epoch === undefined ? {} : { epoch };
	if (rev !== undefined) return { rev, ...named };
	return clock === undefined ? undefined : { clock, ...named };
}

function entryJson({ about, title, answer, others }: Arrival): string {
	const { docId, mode, unit, format, replicaId, present } = about;
	const { revision, epoch, vectorClock, state } = answer;
	const json = JSON.stringify({
		prdId: docId,
		title,
		recovered: state.kind === "ops",
		currentVectorClock: vectorClock,
		revision,
		epoch,
		replicaId,
		sessionId: present.sessionId,
		mode,
		unit,
		format,
		activeSessions: others,
	});
	const snapshot =
		state.kind === "snapshot"
			? `,"snapshot":{${snapshotFields(about, answer)}}`
			: "";
	return `${json.slice(0, -1)},"missedOperations":${missedJson(about, answer)}${snapshot}}`;
}

const failureJson = (docId: DocId, error: unknown): string =>
	JSON.stringify({
		prdId: docId,
		recovered: false,
		missedOperations: [],
		error: toWireError("session:recover", error),
	});

const tooBig = (): CollabError =>
	new CollabError(
		"PAYLOAD_TOO_LARGE",
		"Too much for one answer: join the document",
		{ limit: "recovery", max: ANSWER_CHARS },
	);

/** For a session that ends meanwhile: nobody reads it. */
const closing = (): CollabError =>
	new CollabError("UNAVAILABLE", "The session is closing");

/** Native sessions alone get the acknowledgement alone; where a simple one is among them, the event too. */
function answer(
	session: Session,
	request: Recover,
	outcomes: readonly Outcome[],
): void {
	const entries = outcomes.map((outcome) =>
		"error" in outcome
			? failureJson(outcome.docId, outcome.error)
			: outcome.json,
	);
	const json = `{"sessions":[${entries.join(",")}]}`;
	const isNative =
		outcomes.length > 0 &&
		outcomes.every(
			(outcome) =>
				"arrival" in outcome && outcome.arrival.about.format === "native",
		);
	if (request.id === undefined || !isNative)
		session.send(new EventMessage("session:recovered", [json]), true);
	session.acknowledge(request, json, true);
}
