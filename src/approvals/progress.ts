import { CollabError } from "../protocol/errors.ts";
import type { ApprovalId } from "../protocol/schemas/approval.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import { type Approval, type ApprovalEvent, isDue, step } from "./approval.ts";
import type { ApprovalStore } from "./approval-store.ts";
import { factOf, newsOf, type TellNews } from "./news.ts";
import type { Versions } from "./versions.ts";

export interface ProgressDeps {
	readonly store: ApprovalStore;
	readonly versions: Pick<Versions, "findLatest">;
	readonly tell: TellNews;
	readonly clock: Pick<Clock, "nowMs">;
}

/** Approvals read or ended in one go. */
const BATCH = 100;

/** Takes approvals from state to state and tells of it; whoever else does so too, each step is taken once. */
export class Progress {
	readonly #deps: ProgressDeps;

	constructor(deps: ProgressDeps) {
		this.#deps = deps;
	}

	/** Throws as `step` does. Undefined: it is not in that state any more, and nothing has happened. */
	async take(
		from: Approval,
		event: ApprovalEvent,
	): Promise<Approval | undefined> {
		const to = step(from, event);
		const news = newsOf(to, event);
		const facts = news.map((one) => factOf(one, to));
		if (!(await this.#deps.store.advance(from, to, facts))) return undefined;
		for (const one of news) this.#deps.tell(one, to);
		return to;
	}

	/** The approval as it is now: ended when it is due or of an older version, whoever should have ended it. Throws `NOT_FOUND`. */
	async current(approvalId: ApprovalId): Promise<Approval> {
		for (;;) {
			const found = await this.#deps.store.find(approvalId);
			if (found === undefined)
				throw new CollabError("NOT_FOUND", "There is no such approval");
			if (!(await this.#isOver(found))) return found;
			await this.#end(found);
		}
	}

	/** Ends what is pending for older versions, of one document or of all. */
	async supersede(docId?: DocId): Promise<void> {
		for (;;) {
			const old = await this.#deps.store.listSuperseded(BATCH, docId);
			for (const approval of old) await this.#end(approval);
			if (old.length < BATCH) return;
		}
	}

	/** Ends all that should have ended, and returns when something will be due; undefined: nothing has a due date. */
	async sweep(): Promise<number | undefined> {
		const { store, clock } = this.#deps;
		await this.supersede();
		for (;;) {
			const due = await store.listDue(clock.nowMs(), BATCH);
			for (const approval of due) await this.#end(approval);
			if (due.length < BATCH) return store.findNextDueAtMs();
		}
	}

	async #isOver(approval: Approval): Promise<boolean> {
		if (approval.state !== "pending") return false;
		if (isDue(approval, this.#deps.clock.nowMs())) return true;
		const latest = await this.#deps.versions.findLatest(approval.docId);
		return latest !== undefined && latest.version !== approval.version;
	}

	/** Somebody else may have done it first. */
	async #end(approval: Approval): Promise<void> {
		const atMs = this.#deps.clock.nowMs();
		const kind = isDue(approval, atMs) ? "expire" : "supersede";
		await this.take(approval, { kind, atMs });
	}
}
