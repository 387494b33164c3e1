import type {
	CommitGroup,
	CommitOutcome,
	OpLog,
} from "../../src/documents/op-log.ts";
import type { SnapshotStore } from "../../src/documents/snapshot-store.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import { MemoryOpLog, MemorySnapshotStore } from "./memory-op-log.ts";
import type { SimFaults } from "./sim-faults.ts";
import type { SimRandom } from "./sim-random.ts";

/** A commit on its way: running in the database, then landed and not yet reported. */
interface Statement {
	readonly line: DiskLine;
	readonly groups: readonly CommitGroup[];
	readonly tell: PromiseWithResolvers<readonly CommitOutcome[]>;
	outcomes: readonly CommitOutcome[] | undefined;
	/** Its caller has been told, or is dead. */
	isOrphan: boolean;
}

/** The database that all owners share: it decides when a commit takes effect and when its caller hears of it. */
export class SimDisk {
	readonly log = new MemoryOpLog();
	readonly snapshots = new MemorySnapshotStore();
	readonly statements: Statement[] = [];
	/** Reads that wait for the scheduler. */
	readonly reads: (() => void)[] = [];
	faults: SimFaults;
	holdReads = 0.1;
	readonly random: SimRandom;

	constructor(random: SimRandom, faults: SimFaults) {
		this.random = random;
		this.faults = faults;
	}

	/** One thing happens to one commit. */
	move(): void {
		const { random, faults } = this;
		const statement = random.pick(this.statements);
		if (random.chance(faults.breakCommit)) this.#break(statement);
		else if (statement.outcomes === undefined) this.#land(statement);
		else this.#report(statement);
	}

	/** The owner's process is gone; what it had sent takes effect or not before another one has taken over. */
	hangUp(line: DiskLine): void {
		line.isDead = true;
		for (const statement of this.#of(line)) {
			statement.isOrphan = true;
			if (statement.outcomes !== undefined || this.random.chance(0.5))
				this.#remove(statement);
			else this.#land(statement);
		}
	}

	/** Everything that an owner has asked is answered; false when there was nothing. */
	finish(line: DiskLine): boolean {
		const statements = this.#of(line);
		const reads = this.reads.splice(0);
		for (const read of reads) read();
		for (const statement of statements) {
			if (statement.outcomes === undefined) this.#land(statement);
			this.#report(statement);
		}
		return statements.length + reads.length > 0;
	}

	#of(line: DiskLine): readonly Statement[] {
		return this.statements.filter((statement) => statement.line === line);
	}

	/** As under the row lock: what this line has still running ends first, one way or the other. */
	settle(line: DiskLine): void {
		for (const statement of this.#of(line))
			if (statement.outcomes === undefined)
				if (!statement.isOrphan || this.random.chance(0.5))
					this.#land(statement);
				else this.#remove(statement);
	}

	#land(statement: Statement): void {
		statement.outcomes = statement.groups.map((group) =>
			this.log.append(group),
		);
		if (statement.isOrphan) this.#remove(statement);
	}

	#report(statement: Statement): void {
		this.#remove(statement);
		statement.tell.resolve(statement.outcomes ?? []);
	}

	/** The caller hears of a broken connection, before or after the commit has taken effect. */
	#break(statement: Statement): void {
		const { isOrphan, outcomes, tell } = statement;
		if (isOrphan || outcomes !== undefined) this.#remove(statement);
		statement.isOrphan = true;
		if (!isOrphan) tell.reject(new Error("connection lost"));
	}

	#remove(statement: Statement): void {
		const index = this.statements.indexOf(statement);
		if (index >= 0) this.statements.splice(index, 1);
	}
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** One owner's connection to the database. */
export class DiskLine implements OpLog, SnapshotStore {
	readonly #disk: SimDisk;
	isDead = false;

	constructor(disk: SimDisk) {
		this.#disk = disk;
	}

	readonly open: OpLog["open"] = (docId) =>
		this.#read(() => this.#disk.log.open(docId));
	readonly find: OpLog["find"] = (docId) =>
		this.#read(() => this.#disk.log.find(docId));
	readonly openWriter: OpLog["openWriter"] = (docKey, identity) =>
		this.#read(() => this.#disk.log.openWriter(docKey, identity));
	readonly findWriter: OpLog["findWriter"] = (docKey, identity) =>
		this.#read(() => this.#disk.log.findWriter(docKey, identity));
	readonly findSession: OpLog["findSession"] = (docKey, sessionId) =>
		this.#read(() => this.#disk.log.findSession(docKey, sessionId));
	readonly raiseFence: OpLog["raiseFence"] = (docKey, at, ended) =>
		this.#read(() => this.#disk.log.raiseFence(docKey, at, ended));
	readonly headsById: OpLog["headsById"] = (docIds) =>
		this.#read(() => this.#disk.log.headsById(docIds));
	readonly since: OpLog["since"] = (docKey, since, upTo, limit) =>
		this.#read(() => this.#disk.log.since(docKey, since, upTo, limit));
	readonly heads: OpLog["heads"] = (docKeys) =>
		this.#read(() => this.#disk.log.heads(docKeys));
	readonly findByOpId: OpLog["findByOpId"] = (docKey, client, seq) =>
		this.#read(() => this.#disk.log.findByOpId(docKey, client, seq));
	readonly latest: SnapshotStore["latest"] = (docKey, below) =>
		this.#read(() => this.#disk.snapshots.latest(docKey, below));
	readonly put: SnapshotStore["put"] = (docKey, snapshot) =>
		this.isDead ? never() : this.#disk.snapshots.put(docKey, snapshot);

	settleHead(docKey: number): Promise<number> {
		return this.#read(() => {
			this.#disk.settle(this);
			return this.#disk.log.settleHead(docKey);
		});
	}

	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]> {
		if (this.isDead) return never();
		const tell = Promise.withResolvers<readonly CommitOutcome[]>();
		this.#disk.statements.push({
			line: this,
			groups,
			tell,
			outcomes: undefined,
			isOrphan: false,
		});
		return tell.promise;
	}

	/** Answers at once, or when the scheduler says so; what it answers is true at some moment in between. */
	#read<T>(read: () => Promise<T>): Promise<T> {
		if (this.isDead) return never();
		const { random, faults, holdReads, reads } = this.#disk;
		if (random.chance(faults.failRead))
			return Promise.reject(
				new CollabError("UNAVAILABLE", "The database is not there"),
			);
		if (!random.chance(holdReads)) return read();
		const early = random.chance(0.5) ? read() : undefined;
		return new Promise<T>((resolve, reject) => {
			reads.push(() => {
				if (this.isDead) return;
				(early ?? read()).then(resolve, reject);
			});
		});
	}
}
