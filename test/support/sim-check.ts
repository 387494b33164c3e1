import type { Snapshot } from "../../src/documents/snapshot-store.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import { applyOp, type DocumentContent } from "../../src/ot/document-op.ts";
import { ERRORS, type ErrorCode } from "../../src/protocol/errors.ts";
import type { DocId, ReplicaId } from "../../src/shared/ids.ts";
import { SIM_DOC } from "./sim-bare-wire.ts";
import type { PersonLink } from "./sim-link.ts";
import type { SimPerson } from "./sim-person.ts";
import type { SimTapes } from "./sim-tape.ts";
import type { SimWeakList } from "./sim-weak-list.ts";
import type { SimWorld } from "./sim-world.ts";

export function replayLog(ops: readonly CommittedOp[], rev: number): Snapshot {
	let content: DocumentContent = { text: "", runs: [] };
	const clock = new Map<ReplicaId, number>();
	for (const { op, replicaId } of ops) {
		content = applyOp(content, op);
		clock.set(replicaId, (clock.get(replicaId) ?? 0) + 1);
	}
	return { rev, ...content, clock };
}

/** What was seen of one document by those who edited it. */
export interface Seen {
	readonly tapes: SimTapes;
	/** What the authors of edits said that these were made on. */
	readonly declared: ReadonlyMap<
		string,
		{ readonly rev: number; readonly own: readonly string[] }
	>;
	readonly people: readonly SimPerson[];
	readonly links: readonly PersonLink[];
	readonly weakList: SimWeakList;
}

/** Holds everything that was seen of a run against its log; the broken rules. */
export async function checkRun(world: SimWorld): Promise<readonly string[]> {
	const log = await world.log();
	return [
		...checkSeen(world, log),
		...(await checkOwners(world, replayLog(log, log.length))),
		...checkCounts(world),
	];
}

/** The same for one document of any run, when everything has come to rest. */
export function checkSeen(
	seen: Seen,
	log: readonly CommittedOp[],
): readonly string[] {
	const holes = [...checkLog(log)];
	if (holes.length > 0) return holes;
	return [
		...seen.tapes.violations,
		...checkTold(seen, log),
		...checkContexts(seen, log),
		...checkPeople(seen, replayLog(log, log.length)),
		...checkAnswers(seen),
		...checkOrder(seen),
	];
}

function* checkLog(log: readonly CommittedOp[]): Iterable<string> {
	const seen = new Map<string, number>();
	for (const [i, { rev, opId }] of log.entries()) {
		if (rev !== i + 1) yield `I4 a hole: revision ${rev} at place ${i + 1}`;
		const first = seen.get(opId);
		if (first !== undefined) yield `I3 ${opId} at ${first} and at ${rev}`;
		seen.set(opId, rev);
	}
}

/** What clients were told is what the log says. */
function* checkTold(
	{ tapes }: Seen,
	log: readonly CommittedOp[],
): Iterable<string> {
	for (const [opId, rev] of tapes.acked)
		if (log[rev - 1]?.opId !== opId)
			yield `I2 ${opId} was acknowledged at ${rev}, where ${log[rev - 1]?.opId} is`;
	for (const [rev, opIds] of tapes.told)
		for (const opId of opIds)
			if (log[rev - 1]?.opId !== opId)
				yield `I6 ${opId} was told at ${rev}, where ${log[rev - 1]?.opId} is`;
	const committed = new Map(log.map(({ opId, rev }) => [opId as string, rev]));
	for (const opId of tapes.remade)
		if (committed.has(opId))
			yield `I3 ${opId} was made anew and is at ${committed.get(opId)} all the same`;
	// Who is to ask or to join again hears then what became of his op: `remade` is what counts for him.
	for (const [opId, code] of tapes.refused)
		if (isFinal(code) && committed.has(opId))
			yield `I3 ${opId} was refused (${code}) and is at ${committed.get(opId)} all the same`;
}

const isFinal = (code: string): boolean =>
	ERRORS[code as ErrorCode].recovery === "none";

/** Every op was placed in the context that its author declared, behind the own ops that he had sent before. */
function* checkContexts(
	{ declared }: Seen,
	log: readonly CommittedOp[],
): Iterable<string> {
	const places = new Map(log.map(({ opId, rev }) => [opId as string, rev]));
	for (const { opId, rev, baseRev, userId, sessionId } of log) {
		const said = declared.get(opId);
		if (said === undefined) continue;
		const [low, high] = [said.rev, baseRev].sort((a, b) => a - b) as [
			number,
			number,
		];
		for (const op of log.slice(low, high))
			if (op.sessionId !== sessionId && !said.own.includes(op.opId))
				yield `I9 ${opId} of ${userId} at ${rev} was made on ${said.rev}, placed on ${baseRev}`;
		for (const own of said.own) {
			const place = places.get(own);
			if (place === undefined || place > rev)
				yield `I7 ${opId} at ${rev} before ${own} at ${place}`;
		}
	}
}

function* checkPeople({ people }: Seen, truth: Snapshot): Iterable<string> {
	for (const { name, content, rev, knowsRuns, isSettled, end } of people) {
		if (end !== undefined) yield `${name} ended: ${end}`;
		else if (!isSettled) yield `I31 ${name} is not settled (at ${rev})`;
		else if (rev !== truth.rev)
			yield `I14 ${name} is at ${rev}, the log at ${truth.rev}`;
		else if (content.text !== truth.text)
			yield `I1 ${name} has ${content.text}, the log ${truth.text}`;
		else if (knowsRuns && !sameRuns(content, truth))
			yield `I1 ${name} has ${JSON.stringify(content.runs)}, the log ${JSON.stringify(truth.runs)}`;
	}
}

async function checkOwners(
	{ owners }: SimWorld,
	{ rev, text, runs }: Snapshot,
): Promise<readonly string[]> {
	const wrong: string[] = [];
	for (const { name, directory } of owners) {
		const mine = await soon(directory.read(SIM_DOC as DocId));
		const isSame =
			mine?.revision === rev && mine.text === text && sameRuns(mine, { runs });
		if (!isSame)
			wrong.push(`I1 ${name} has ${JSON.stringify(mine)}, not ${text}`);
	}
	return wrong;
}

type Runs = Pick<DocumentContent, "runs">;

/** Attributes have no order. */
const sameRuns = (mine: Runs, other: Runs): boolean =>
	JSON.stringify(sorted(mine)) === JSON.stringify(sorted(other));

const sorted = ({ runs }: Runs): readonly unknown[] =>
	runs.map(({ n, a }) => [n, Object.entries(a).sort()]);

/** Undefined when nothing comes although nothing is left to wait for. */
async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
	const patience = (async () => {
		for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
		return undefined;
	})();
	return Promise.race([promise, patience]);
}

function* checkAnswers({ links }: Seen): Iterable<string> {
	for (const { isCut, isEnded, tape } of links)
		if (!isCut && !isEnded && tape.open.length > 0)
			yield `I31 ${tape.userId} waits for ${tape.open.join()}`;
}

function* checkCounts({ counts }: SimWorld): Iterable<string> {
	for (const [what, count] of counts)
		if (what.startsWith("log: ")) yield `${what} (${count} times)`;
}

function* checkOrder({ weakList }: Seen): Iterable<string> {
	const pair = weakList.contradiction();
	if (pair !== undefined) yield `I17 ${pair.join(" and ")} in both orders`;
}
