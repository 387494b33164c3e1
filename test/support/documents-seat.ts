import type { JoinedDocument } from "../../src/documents/returning.ts";
import type { TextOp } from "../../src/ot/text-op.ts";
import type { Submission } from "../../src/protocol/submission.ts";
import {
	type ClientId,
	type DocId,
	opIdOf,
	type SessionId,
	type UserId,
} from "../../src/shared/ids.ts";

type WireClock = Readonly<Record<string, number>>;
type Place = Partial<Submission> &
	({ readonly revision: number } | { readonly clock: WireClock });

/** A session in a document, and the edits it makes. */
export class Seat {
	readonly joined: JoinedDocument;
	readonly #about: Pick<
		Submission,
		"docId" | "sessionId" | "userId" | "replicaId" | "joinedRev" | "fence"
	>;
	readonly #prefix: ClientId | SessionId;
	#seq = 0;

	constructor(
		who: { sessionId: SessionId; userId: UserId; clientId?: ClientId },
		docId: DocId,
		joined: JoinedDocument,
	) {
		const { sessionId, userId, clientId } = who;
		const { replicaId, revision: joinedRev, fence } = joined;
		this.joined = joined;
		this.#about = { docId, sessionId, userId, replicaId, joinedRev, fence };
		this.#prefix = clientId ?? sessionId;
	}

	get docId(): DocId {
		return this.#about.docId;
	}

	get sessionId(): SessionId {
		return this.#about.sessionId;
	}

	/** The next edit of the session; all before it are answered unless `settled` says otherwise. */
	edit(op: TextOp, place: Place): Submission {
		const seq = place.seq ?? this.#seq + 1;
		this.#seq = seq;
		return {
			...this.#about,
			seq,
			settled: seq - 1,
			opId: opIdOf(this.#prefix, seq),
			edit: { form: "native", op, marks: [] },
			...place,
		};
	}
}
