import type { Backend } from "../../src/gateway/backend.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import type {
	Submission,
	SubmissionResult,
} from "../../src/protocol/submission.ts";
import type { SimFaults } from "./sim-faults.ts";
import type { SimOwner } from "./sim-owner.ts";
import type { SimRandom } from "./sim-random.ts";

/** A request that has not reached its owner. */
interface Asked {
	readonly ask: (owner: SimOwner) => Promise<unknown>;
	/** The first of these counts, as with any promise. */
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
}

const lost = (): CollabError =>
	new CollabError("TIMEOUT", "The service did not answer in time");

/** The calls between gateways and owners: delayed, lost, answered late, repeated, reordered. */
export class SimCalls {
	readonly asked: Asked[] = [];
	readonly answers: (() => void)[] = [];
	readonly #working = new Map<SimOwner, Set<() => void>>();
	readonly #random: SimRandom;
	faults: SimFaults;
	readonly #route: () => SimOwner;

	constructor(random: SimRandom, faults: SimFaults, route: () => SimOwner) {
		this.#random = random;
		this.faults = faults;
		this.#route = route;
	}

	call<T>(ask: (owner: SimOwner) => Promise<T>): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.asked.push({
			ask,
			resolve: (value) => resolve(value as T),
			reject,
		});
		return promise;
	}

	/** One request reaches an owner, or comes to grief. */
	deliver(): void {
		const { lose, repeat, reorder, timeOut } = this.faults;
		const random = this.#random;
		const asked = random.take(this.asked, reorder);
		if (random.chance(lose)) return asked.reject(lost());
		if (random.chance(repeat)) this.asked.push(asked);
		if (random.chance(timeOut)) {
			asked.reject(lost());
			this.asked.push(asked);
			return;
		}
		this.#work(this.#route(), asked);
	}

	/** One answer reaches its caller, or is lost. */
	answer(): void {
		const answer = this.#random.take(this.answers, this.faults.reorder);
		answer();
	}

	/** Whoever waits for this owner never hears from it. */
	crashed(owner: SimOwner): void {
		for (const fail of this.#working.get(owner) ?? []) this.answers.push(fail);
		this.#working.delete(owner);
	}

	#work(owner: SimOwner, { ask, resolve, reject }: Asked): void {
		const working = this.#working.get(owner) ?? new Set();
		this.#working.set(owner, working);
		const fail = () => reject(lost());
		working.add(fail);
		const reply = (answer: () => void) => {
			if (!owner.isAlive || !working.delete(fail)) return;
			const isLost = this.#random.chance(this.faults.lose);
			this.answers.push(isLost ? fail : answer);
		};
		ask(owner).then(
			(value) => reply(() => resolve(structuredClone(value))),
			(error: unknown) => reply(() => reject(error)),
		);
	}
}

/** What the simulation does not play. */
const never = async (): Promise<never> => {
	throw new CollabError("INTERNAL", "Nobody asks for this");
};

/** The services as one gateway sees them through the simulated network. */
export function simBackend(calls: SimCalls, random: SimRandom): Backend {
	let turn: {
		readonly submission: Submission;
		readonly answer: (result: SubmissionResult) => void;
	}[] = [];
	const send = () => {
		const items = turn;
		turn = [];
		const submissions = items.map(({ submission }) =>
			structuredClone(submission),
		);
		calls
			.call((owner) => owner.directory.submit(submissions))
			.then(
				(results) => {
					for (const [i, { answer }] of items.entries())
						answer(results[i] ?? { outcome: "unknown", reason: "no result" });
				},
				() => {
					for (const { answer } of items)
						answer({ outcome: "unknown", reason: "the call failed" });
				},
			);
	};
	return {
		enterRoom: ({ docId }) =>
			calls.call(async () => ({ role: "edit", title: docId })),
		visitRoom: never,
		createRoom: never,
		listRooms: async () => [],
		invite: never,
		kick: never,
		listRevocations: async () => [],
		joinDocument: (request) =>
			calls.call((owner) => owner.directory.join(request)),
		leaveDocument: ({ docId, sessionId }) =>
			calls.call(async (owner) => owner.directory.leave(docId, sessionId)),
		submit: (submission) =>
			new Promise((answer) => {
				turn.push({ submission, answer });
				// Now and then some travel alone: those of one session can then overtake each other.
				if (random.chance(0.2)) send();
				else if (turn.length === 1)
					setImmediate(() => {
						if (turn.length > 0) send();
					});
			}),
		opsSince: (docId, since) =>
			calls.call((owner) => owner.directory.opsSince(docId, since)),
		present: async () => [],
		absent: async () => {},
		reportPresence: async () => true,
	};
}
