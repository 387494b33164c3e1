import { randomUUID } from "node:crypto";
import type { Database } from "../../src/db/database.ts";
import { SqlOpLog, type SqlOpLogOptions } from "../../src/db/sql-op-log.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import type {
	CommitGroup,
	CommitOutcome,
	DocKey,
	DocumentHead,
	LogRow,
	OpLog,
	Writer,
	WriterIdentity,
} from "../../src/documents/op-log.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import {
	type ClientId,
	type DocId,
	opIdOf,
	type ReplicaId,
	type SessionId,
	type UserId,
} from "../../src/shared/ids.ts";

/** Makes the room that a document needs, whatever document is opened. */
class RoomedOpLog extends SqlOpLog {
	readonly #rooms: SqlRoomStore;

	constructor(options: SqlOpLogOptions) {
		super(options);
		this.#rooms = new SqlRoomStore(options.database);
	}

	override async open(docId: DocId): Promise<DocumentHead> {
		const room = {
			roomId: docId,
			kind: "document",
			title: docId,
			visibility: "private",
			metadata: {},
			createdAtMs: 0,
		} as const;
		await this.#rooms.create(room, "ann" as UserId);
		return super.open(docId);
	}
}

export const opLogOf = (database: Database): OpLog =>
	new RoomedOpLog({
		database,
		clock: { nowMs: () => 1_700_000_000_000 },
		newId: randomUUID,
	});

export const newDocId = (): DocId => `doc-${randomUUID()}` as DocId;

export const identityOf = (userId: string, client: string): WriterIdentity => ({
	sessionId: `session-${client}` as SessionId,
	userId: userId as UserId,
	replicaId: userId as ReplicaId,
	client: client as ClientId,
});

/** One writer's place at one document: makes its rows and groups, knows no head. */
export class Desk {
	readonly docKey: DocKey;
	readonly writer: Writer;
	readonly identity: WriterIdentity;
	#nextSeq: number;

	constructor(docKey: DocKey, writer: Writer, identity: WriterIdentity) {
		this.docKey = docKey;
		this.writer = writer;
		this.identity = identity;
		this.#nextSeq = writer.lastSeq + 1;
	}

	row(
		rev: number,
		parts: Partial<CommittedOp> = {},
		seq = this.#nextSeq++,
	): LogRow {
		const { sessionId, userId, replicaId, client } = this.identity;
		const committed: CommittedOp = {
			rev,
			op: { t: [`${client} ${seq};`], m: [] },
			opId: opIdOf(client, seq),
			userId,
			replicaId,
			sessionId,
			baseRev: rev - 1,
			payloadHash: "AAAAAAAAAAA",
			committedAtMs: 1_700_000_000_000 + rev,
			...parts,
		};
		return { committed, writer: this.writer, seq };
	}

	/** `count` plain rows on `head`. */
	group(head: number, count = 1, fence = 0): CommitGroup {
		const rows = Array.from({ length: count }, (_, index) =>
			this.row(head + index + 1),
		);
		return { docKey: this.docKey, head, fence, rows };
	}

	groupOf(head: number, rows: readonly LogRow[]): CommitGroup {
		return { docKey: this.docKey, head, fence: 0, rows };
	}
}

/** Sits a writer down at a document, a new one by default. */
export async function openDesk(
	log: OpLog,
	docId = newDocId(),
	identity = identityOf("ann", `client-${randomUUID()}`),
): Promise<Desk> {
	const { docKey } = await log.open(docId);
	return new Desk(docKey, await log.openWriter(docKey, identity), identity);
}

export const opsOf = (groups: readonly CommitGroup[]): readonly CommittedOp[] =>
	groups.flatMap(({ rows }) => rows.map(({ committed }) => committed));

export const wholeLog = (
	log: OpLog,
	docKey: DocKey,
): Promise<readonly CommittedOp[]> =>
	log.since(docKey, 0, 1_000_000, 1_000_000);

export const countOf = (
	outcomes: readonly CommitOutcome[],
	wanted: CommitOutcome,
): number => outcomes.filter((outcome) => outcome === wanted).length;
