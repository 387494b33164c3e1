import type {
	CommitGroup,
	CommitOutcome,
	OpLog,
} from "../../src/documents/op-log.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import { Gate } from "./documents-gate.ts";

/** A commit that the test has in its hand. */
export class HeldCommit {
	readonly groups: readonly CommitGroup[];
	readonly #disk: OpLog;
	readonly #answer = Promise.withResolvers<readonly CommitOutcome[]>();
	readonly answered: Promise<readonly CommitOutcome[]> = this.#answer.promise;

	constructor(disk: OpLog, groups: readonly CommitGroup[]) {
		this.#disk = disk;
		this.groups = groups;
	}

	/** It takes effect; the caller does not hear of it yet. */
	land(): Promise<readonly CommitOutcome[]> {
		return this.#disk.commit(this.groups);
	}

	/** It takes effect, and the caller hears so. */
	async succeed(): Promise<void> {
		this.#answer.resolve(await this.land());
	}

	/** The caller hears this; nothing has happened to the disk. */
	say(...outcomes: readonly CommitOutcome[]): void {
		this.#answer.resolve(outcomes);
	}

	/** The connection breaks: whether it has taken effect is for the test to say. */
	break(): void {
		this.#answer.reject(new CollabError("UNAVAILABLE", "connection lost"));
	}
}

/** An owner's line to the log: commits can be held, reads can be held or fail. */
export class HeldOpLog implements OpLog {
	readonly #disk: OpLog;
	readonly #commits: HeldCommit[] = [];
	readonly #watchers: (() => void)[] = [];
	/** While set, every commit waits for the test. */
	holdsCommits = false;
	/** While set, every read fails with it. */
	broken: Error | undefined;
	readonly gates = {
		heads: new Gate(),
		since: new Gate(),
		openWriter: new Gate(),
		findWriter: new Gate(),
		raiseFence: new Gate(),
		findByOpId: new Gate(),
		settleHead: new Gate(),
	};
	/** How often each read has been asked for. */
	readonly asked = new Map<string, number>();
	/** Happens once, just before the disk is asked to register a writer. */
	beforeOpenWriter: (() => Promise<void>) | undefined;

	constructor(disk: OpLog) {
		this.#disk = disk;
	}

	/** The oldest held commit that nobody has taken; waits for it. */
	async nextCommit(): Promise<HeldCommit> {
		for (;;) {
			const next = this.#commits.shift();
			if (next !== undefined) return next;
			await new Promise<void>((resolve) => {
				this.#watchers.push(resolve);
			});
		}
	}

	/** Writes one group past the commits that are held. */
	write(group: CommitGroup): Promise<readonly CommitOutcome[]> {
		return this.#disk.commit([group]);
	}

	/** Held commits that nobody has taken. */
	get heldCommits(): number {
		return this.#commits.length;
	}

	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]> {
		if (!this.holdsCommits) return this.#disk.commit(groups);
		const held = new HeldCommit(this.#disk, groups);
		this.#commits.push(held);
		for (const watch of this.#watchers.splice(0)) watch();
		return held.answered;
	}

	readonly open: OpLog["open"] = (docId) =>
		this.#read("open", () => this.#disk.open(docId));
	readonly find: OpLog["find"] = (docId) =>
		this.#read("find", () => this.#disk.find(docId));
	readonly openWriter: OpLog["openWriter"] = (docKey, identity) =>
		this.#read("openWriter", async () => {
			const before = this.beforeOpenWriter;
			this.beforeOpenWriter = undefined;
			await before?.();
			return this.#disk.openWriter(docKey, identity);
		});
	readonly findWriter: OpLog["findWriter"] = (docKey, identity) =>
		this.#read("findWriter", () => this.#disk.findWriter(docKey, identity));
	readonly findSession: OpLog["findSession"] = (docKey, sessionId) =>
		this.#read("findSession", () => this.#disk.findSession(docKey, sessionId));
	readonly raiseFence: OpLog["raiseFence"] = (docKey, at, ended) =>
		this.#read("raiseFence", () => this.#disk.raiseFence(docKey, at, ended));
	readonly headsById: OpLog["headsById"] = (docIds) =>
		this.#read("headsById", () => this.#disk.headsById(docIds));
	readonly since: OpLog["since"] = (docKey, since, upTo, limit) =>
		this.#read("since", () => this.#disk.since(docKey, since, upTo, limit));
	readonly settleHead: OpLog["settleHead"] = (docKey) =>
		this.#read("settleHead", () => this.#disk.settleHead(docKey));
	readonly heads: OpLog["heads"] = (docKeys) =>
		this.#read("heads", () => this.#disk.heads(docKeys));
	readonly findByOpId: OpLog["findByOpId"] = (docKey, client, seq) =>
		this.#read("findByOpId", () => this.#disk.findByOpId(docKey, client, seq));

	async #read<T>(name: string, read: () => Promise<T>): Promise<T> {
		this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
		if (this.broken !== undefined) throw this.broken;
		const answer = await read();
		await (this.gates as Partial<Record<string, Gate>>)[name]?.pass();
		return answer;
	}
}
