import { DocumentDirectory } from "../../src/documents/document-directory.ts";
import type { OpLog } from "../../src/documents/op-log.ts";
import type { SnapshotStore } from "../../src/documents/snapshot-store.ts";
import type {
	HeadMessage,
	OpMessage,
} from "../../src/protocol/document-message.ts";
import type {
	Submission,
	SubmissionResult,
} from "../../src/protocol/submission.ts";
import type {
	ClientId,
	DocId,
	SessionId,
	UserId,
} from "../../src/shared/ids.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/shared/limits.ts";
import type { LogFields, Logger } from "../../src/shared/logger.ts";
import { outcome, turns } from "./documents-answers.ts";
import { HeldOpLog } from "./documents-held-log.ts";
import { HeldSnapshots } from "./documents-held-snapshots.ts";
import { Seat } from "./documents-seat.ts";
import { ManualClock } from "./manual-clock.ts";
import { MemoryOpLog, MemorySnapshotStore } from "./memory-op-log.ts";

export const DOC = "doc" as DocId;

/** One node's documents over a line that the test holds. */
export class Owner {
	readonly line: HeldOpLog;
	readonly directory: DocumentDirectory;
	/** What went out on the channels, in order. */
	readonly told: OpMessage[] = [];
	readonly toldHeads: number[] = [];
	readonly logged: string[] = [];
	readonly errors: LogFields[] = [];
	/** Runs at every publish; may throw. */
	onPublish: () => void = () => {};

	constructor(
		disk: OpLog,
		snapshots: SnapshotStore,
		clock: ManualClock,
		limits: Partial<Limits>,
		memoryBytes?: number,
	) {
		this.line = new HeldOpLog(disk);
		const log = (fields: LogFields, message: string) => {
			this.logged.push(message);
			this.errors.push(fields);
		};
		const logger: Logger = { info: log, warn: log, error: log };
		const ports = {
			log: this.line,
			snapshots,
			publish: (_docId: DocId, message: OpMessage | HeadMessage) => {
				if ("body" in message) this.told.push(message);
				else this.toldHeads.push(message.head.rev);
				this.onPublish();
			},
			limits: { ...DEFAULT_LIMITS, ...limits },
			clock,
			logger,
		};
		this.directory = new DocumentDirectory(ports, memoryBytes);
	}

	get toldRevs(): readonly number[] {
		return this.told.map(({ head }) => head.rev);
	}

	submit(
		...items: readonly Submission[]
	): Promise<readonly SubmissionResult[]> {
		return this.directory.submit(items);
	}

	/** What one submission came to, in a word. */
	async commit(submission: Submission): Promise<string> {
		const [result] = await this.submit(submission);
		return outcome(result);
	}

	/** A submission whose commit the test has in its hand. */
	async underway(seat: Seat, text = "a") {
		this.line.holdsCommits = true;
		const edit = seat.edit([text], { revision: seat.joined.revision });
		const answer = this.commit(edit);
		const commit = await this.line.nextCommit();
		this.line.holdsCommits = false;
		return { edit, answer, commit };
	}

	async join(
		session: string,
		who: {
			readonly user?: string;
			readonly client?: string;
			readonly docId?: DocId;
			readonly since?: { readonly rev: number; readonly epoch?: string };
			/** The session has been here before. */
			readonly isAnew?: boolean;
		} = {},
	): Promise<Seat> {
		const { user = session, client, docId = DOC, since, isAnew } = who;
		const about = {
			sessionId: `s_${session}` as SessionId,
			userId: user as UserId,
			...(client === undefined ? {} : { clientId: client as ClientId }),
		};
		const joined = await this.directory.join({
			...about,
			docId,
			...(since === undefined ? {} : { since }),
			...(isAnew === undefined ? {} : { isAnew }),
		});
		return new Seat(about, docId, joined);
	}

	/** Has a seat write as many ops, in flushes of 500: only the newest thousand stay in memory. */
	async fill(seat: Seat, count: number, text = "x"): Promise<void> {
		const { revision } = await this.directory.read(seat.docId);
		for (let done = 0; done < count; done += 500)
			await this.submit(
				...Array.from({ length: Math.min(500, count - done) }, () =>
					seat.edit([text], { revision: revision + done, settled: 0 }),
				),
			);
		await turns();
	}

	async text(docId: DocId = DOC): Promise<string> {
		return (await this.directory.read(docId)).text;
	}
}

/** One disk, any number of owners, time that stands still. */
export class DocumentsLab {
	readonly clock = new ManualClock();
	readonly disk: OpLog;
	readonly snapshots: HeldSnapshots;

	constructor(
		disk: OpLog = new MemoryOpLog(),
		snapshots: SnapshotStore = new MemorySnapshotStore(),
	) {
		this.disk = disk;
		this.snapshots = new HeldSnapshots(snapshots);
	}

	owner(limits: Partial<Limits> = {}, memoryBytes?: number): Owner {
		const { disk, snapshots, clock } = this;
		return new Owner(disk, snapshots, clock, limits, memoryBytes);
	}
}
