import type { Frame } from "./sim-link.ts";

/** What everybody was told, for the last reckoning against the log. */
export class SimTapes {
	readonly violations: string[] = [];
	/** Op ids that clients sent, by the name of the user. */
	readonly sent = new Map<string, string>();
	readonly acked = new Map<string, number>();
	/** The newest revision that each user was acknowledged. */
	readonly newestOf = new Map<string, number>();
	readonly refused = new Map<string, string>();
	/** Given up by their authors, who sent the same edit again under another op id. */
	readonly remade = new Set<string>();
	/** What was told of each revision: op ids. */
	readonly told = new Map<number, Set<string>>();
	readonly closes = new Map<number, number>();
	readonly refusals = new Map<string, number>();
	anonymous = 0;
	anonymousAcked = 0;
	joins = 0;
	snapshots = 0;
	frames = 0;
	trace: ((line: string) => void) | undefined;

	fault(text: string): void {
		this.trace?.(`!! ${text}`);
		this.violations.push(text);
	}
}

interface Edit {
	readonly opId?: string;
	readonly operation?: { readonly opId?: string } | string;
}
interface Missed {
	readonly revision: number;
	readonly opId: string;
	readonly part?: number;
	readonly parts?: number;
}
interface Told {
	readonly revision: number;
	readonly opId?: string;
	readonly vectorClock?: Readonly<Record<string, number>>;
	readonly newVectorClock?: Readonly<Record<string, number>>;
	readonly clock?: Readonly<Record<string, number>>;
	readonly part?: number;
	readonly parts?: number;
}
interface Joined {
	readonly revision: number;
	readonly recovered: boolean;
	readonly vectorClock: Readonly<Record<string, number>>;
	readonly missedOperations?: readonly Missed[];
}
interface Recovered {
	readonly sessions: readonly (Omit<Joined, "vectorClock"> & {
		readonly prdId: string;
		readonly currentVectorClock: Joined["vectorClock"];
		readonly error?: unknown;
	})[];
}

export const opIdOf = (data: unknown): string | undefined => {
	const { opId, operation } = data as Edit;
	return opId ?? (typeof operation === "object" ? operation.opId : undefined);
};

const sinceOf = ({ data }: Frame): number | undefined =>
	(data as { readonly lastKnownRevision?: number }).lastKnownRevision;

const sum = (clock: Readonly<Record<string, number>>): number =>
	Object.values(clock).reduce((total, count) => total + count, 0);

/** Listens in on one connection: order, completeness and answers of what the server says. */
export class SimTape {
	readonly userId: string;
	readonly #all: SimTapes;
	readonly #open = new Map<string, Frame>();
	/** What the person had been acknowledged when it asked to join. */
	#due = 0;
	#rev: number | undefined;
	#part = 1;

	constructor(all: SimTapes, userId: string) {
		this.#all = all;
		this.userId = userId;
	}

	/** Requests without an answer. */
	get open(): readonly string[] {
		return [...this.#open.values()].map(({ type }) => type);
	}

	fault(text: string): void {
		this.#all.fault(text);
	}

	sent(frame: Frame): void {
		const { id, type, data } = frame;
		this.#all.trace?.(`  ${this.userId} > ${JSON.stringify(frame)}`);
		if (id !== undefined) {
			if (this.#open.has(id)) this.#all.fault(`request id ${id} used twice`);
			this.#open.set(id, frame);
		}
		if (type === "document:join")
			this.#due = this.#all.newestOf.get(this.userId) ?? 0;
		if (type !== "operation:edit") return;
		const opId = opIdOf(data);
		if (opId === undefined) this.#all.anonymous++;
		else {
			this.#all.sent.set(opId, this.userId);
			// Of an op sent again only the newest refusal is the last word.
			this.#all.refused.delete(opId);
		}
	}

	heard({ type, id, data }: Frame): void {
		this.#all.frames++;
		this.#all.trace?.(
			`  ${this.userId} < ${type} ${id ?? ""} ${JSON.stringify(data)}`,
		);
		if (id !== undefined) this.#answered(id, type, data);
		else if (type === "operation:applied") this.#next(data as Told, false);
		else if (type === "operation:ack") this.#acked(data as Told);
		else if (type.startsWith("error:")) this.#refused(undefined, data);
	}

	#answered(id: string, type: string, data: unknown): void {
		const request = this.#open.get(id);
		if (request === undefined) {
			this.#all.fault(`answer to ${id}, which is not open: ${type}`);
			return;
		}
		this.#open.delete(id);
		if (type !== "ack") this.#refused(request, data);
		else if (request.type === "document:join")
			this.#joined(sinceOf(request), data as Joined);
		else if (request.type === "session:recover")
			this.#recovered(request, data as Recovered);
		else if (request.type === "operation:edit") {
			const { opId } = data as Told;
			const asked = opIdOf(request.data);
			if (asked !== undefined && asked !== opId)
				this.#all.fault(`ack of ${opId} for ${asked}`);
			this.#acked(data as Told);
		}
	}

	#refused(request: Frame | undefined, data: unknown): void {
		const {
			code,
			message,
			data: more,
		} = data as {
			code: string;
			message: string;
			data?: { reason?: string };
		};
		const key = `${code} ${more?.reason ?? message}`;
		this.#all.refusals.set(key, (this.#all.refusals.get(key) ?? 0) + 1);
		const opId = request === undefined ? undefined : opIdOf(request.data);
		if (request?.type === "operation:edit" && opId !== undefined)
			this.#all.refused.set(opId, code);
	}

	/** A recovery is a join in another form. */
	#recovered(request: Frame, { sessions }: Recovered): void {
		const { lastRevisions = {} } = request.data as {
			readonly lastRevisions?: Readonly<Record<string, number>>;
		};
		for (const { error, missedOperations, ...entry } of sessions)
			if (error === undefined)
				this.#joined(lastRevisions[entry.prdId], {
					...entry,
					vectorClock: entry.currentVectorClock,
					...(entry.recovered && missedOperations ? { missedOperations } : {}),
				});
	}

	#joined(since: number | undefined, joined: Joined): void {
		const { revision, recovered, vectorClock, missedOperations } = joined;
		this.#all.joins++;
		if (revision < this.#due)
			this.#all.fault(
				`I11 joined at ${revision}, having been acknowledged ${this.#due}`,
			);
		this.#clock(vectorClock, revision);
		if (recovered !== (missedOperations !== undefined))
			this.#all.fault("recovered without missed operations, or the reverse");
		if (missedOperations === undefined) {
			if (since !== undefined) this.#all.snapshots++;
		} else {
			this.#rev = since ?? 0;
			this.#part = 1;
			for (const missed of missedOperations) {
				this.#step(missed);
				this.#tell(missed.revision, missed.opId);
			}
			if (this.#rev !== revision)
				this.#all.fault(`catch-up to ${revision} ends at ${this.#rev}`);
		}
		this.#rev = revision;
		this.#part = 1;
	}

	#acked(told: Told): void {
		const { opId, revision } = told;
		if (opId === undefined) {
			this.#all.fault("an ack without op id");
			return;
		}
		this.#tell(revision, opId);
		const newest = this.#all.newestOf.get(this.userId) ?? 0;
		this.#all.newestOf.set(this.userId, Math.max(newest, revision));
		if (this.#all.sent.has(opId)) this.#all.acked.set(opId, revision);
		else this.#all.anonymousAcked++;
		// An op that was in the catch-up is acknowledged with its first revision.
		if (this.#rev !== undefined && revision <= this.#rev) return;
		this.#next(told, true);
	}

	#next(told: Told, isAck: boolean): void {
		if (this.#rev === undefined) {
			this.#all.fault(`revision ${told.revision} before any join`);
			return;
		}
		const clock = isAck
			? told.vectorClock
			: (told.newVectorClock ?? told.clock);
		if (clock === undefined) this.#all.fault("an op without its clock");
		else this.#clock(clock, told.revision);
		if (told.opId !== undefined) this.#tell(told.revision, told.opId);
		this.#step(told);
	}

	#step({ revision, part = 1, parts = 1 }: Told): void {
		if (this.#rev === undefined) return;
		if (revision !== this.#rev + 1 || part !== this.#part)
			this.#all.fault(
				`revision ${revision} part ${part}/${parts} follows ${this.#rev} (part ${this.#part} was due)`,
			);
		this.#part = part === parts ? 1 : part + 1;
		if (part === parts) this.#rev = revision;
	}

	#tell(revision: number, opId: string): void {
		const told = this.#all.told.get(revision) ?? new Set();
		this.#all.told.set(revision, told.add(opId));
	}

	#clock(clock: Readonly<Record<string, number>>, revision: number): void {
		if (sum(clock) !== revision)
			this.#all.fault(`the clock at ${revision} sums to ${sum(clock)}`);
	}
}
