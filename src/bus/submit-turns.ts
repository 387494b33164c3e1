import type { ServiceBroker } from "moleculer";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { DocId } from "../shared/ids.ts";
import { type Actions, callAction } from "./actions.ts";
import { byOwner } from "./owner-routing.ts";

interface Item {
	readonly submission: Submission;
	readonly answer: (result: SubmissionResult) => void;
}

/** An owner answers within a second, if only that it does not know yet: later the call, or its answer, is lost. */
const TIMEOUT_MS = 2_000;

const NO_RESULT = { outcome: "unknown", reason: "no result" } as const;
const CALL_FAILED = { outcome: "unknown", reason: "the call failed" } as const;

const docIdOf = ({ submission }: Item): DocId => submission.docId;

/** Takes edits to their owners: what one event-loop turn gathers for one owner travels in one call. */
export class SubmitTurns {
	readonly #broker: ServiceBroker;
	#turn: Item[] = [];

	constructor(broker: ServiceBroker) {
		this.#broker = broker;
	}

	/** Never rejects: `unknown` instead. */
	submit(submission: Submission): Promise<SubmissionResult> {
		const { promise, resolve } = Promise.withResolvers<SubmissionResult>();
		if (this.#turn.length === 0) setImmediate(() => this.#send());
		this.#turn.push({ submission, answer: resolve });
		return promise;
	}

	/** A call per edit would cost three times as much as the edits of one turn in one call. */
	#send(): void {
		const turn = this.#turn;
		this.#turn = [];
		this.#sendToOwners(turn, false);
	}

	/** @param isFinal whoever gets them judges them */
	#sendToOwners(items: readonly Item[], isFinal: boolean): void {
		try {
			for (const [owner, group] of byOwner(this.#broker, items, docIdOf))
				void this.#call(owner, group, isFinal);
		} catch {
			for (const { answer } of items) answer(CALL_FAILED);
		}
	}

	async #call(
		nodeID: string,
		items: readonly Item[],
		isFinal: boolean,
	): Promise<void> {
		const results = await this.#resultsOf(nodeID, items, isFinal);
		const moved: Item[] = [];
		for (const [i, item] of items.entries()) {
			const result = results[i] ?? NO_RESULT;
			if (result.outcome === "not-owner") moved.push(item);
			else item.answer(result);
		}
		if (moved.length > 0) this.#sendToOwners(moved, true);
	}

	async #resultsOf(
		nodeID: string,
		items: readonly Item[],
		isFinal: boolean,
	): Promise<Actions["document-ot.submit"]["out"]> {
		try {
			return await callAction(
				this.#broker,
				"document-ot.submit",
				{
					items: items.map(({ submission }) => submission),
					...(isFinal ? { isFinal } : {}),
				},
				{ nodeID, timeout: TIMEOUT_MS },
			);
		} catch {
			return items.map(() => CALL_FAILED);
		}
	}
}
