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
	readonly owner: SimOwner;
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
	readonly #route: (caller: number) => SimOwner;

	/** @param route which owner the calls of a gateway reach now */
	constructor(
		random: SimRandom,
		faults: SimFaults,
		route: (caller: number) => SimOwner,
	) {
		this.#random = random;
		this.faults = faults;
		this.#route = route;
	}

	call<T>(caller: number, ask: (owner: SimOwner) => Promise<T>): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.asked.push({
			owner: this.#route(caller),
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
		if (random.chance(lose)) {
			asked.reject(lost());
			return;
		}
		if (random.chance(repeat)) this.asked.push(asked);
		if (random.chance(timeOut)) {
			asked.reject(lost());
			this.asked.push(asked);
			return;
		}
		this.#work(asked);
	}

	/** One answer reaches its caller, or is lost. */
	answer(): void {
		const answer = this.#random.take(this.answers, this.faults.reorder);
		answer();
	}

	/** Whoever waits for this owner never hears from it; what was on its way to it is lost. */
	gone(owner: SimOwner): void {
		const lostOnes = this.asked.filter((asked) => asked.owner === owner);
		for (const asked of lostOnes) {
			this.asked.splice(this.asked.indexOf(asked), 1);
			this.answers.push(() => asked.reject(lost()));
		}
		for (const fail of this.#working.get(owner) ?? []) this.answers.push(fail);
		this.#working.delete(owner);
	}

	#work({ owner, ask, resolve, reject }: Asked): void {
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
export function simBackend(
	calls: SimCalls,
	random: SimRandom,
	caller: number,
): Backend {
	const call = <T>(ask: (owner: SimOwner) => Promise<T>): Promise<T> =>
		calls.call(caller, ask);
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
		call((owner) => owner.directory.submit(submissions)).then(
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
			call(async () => ({ role: "edit", title: docId })),
		visitRoom: never,
		createRoom: never,
		listRooms: async () => [],
		invite: never,
		kick: never,
		listRoles: async (visits) => visits.map(() => "edit"),
		listRevocations: async () => [],
		joinDocument: (request) => call((owner) => owner.directory.join(request)),
		leaveDocument: ({ docId, sessionId }) =>
			call(async (owner) => owner.directory.leave(docId, sessionId)),
		submit: (submission) =>
			new Promise((answer) => {
				turn.push({ submission, answer });
				// Now and then some travel alone: those of one session can then overtake each other.
				if (random.chance(0.1)) send();
				else if (turn.length === 1)
					setImmediate(() => {
						if (turn.length > 0) send();
					});
			}),
		heads: (places) => call((owner) => owner.directory.heads(places)),
		opsSince: (docId, since) =>
			call((owner) => owner.directory.opsSince(docId, since)),
		present: async () => [],
		absent: async () => {},
		ask: never,
		reportPresence: async () => true,
	};
}
