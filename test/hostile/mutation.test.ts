import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ERRORS } from "../../src/protocol/errors.ts";
import { checkFrame } from "../support/check-frame.ts";
import type { Frame } from "../support/raw-client.ts";
import {
	type Attacker,
	DOORS,
	type Door,
	enter,
	tokenOf,
} from "./message-attacker.ts";
import { MessageRunner } from "./message-runner.ts";
import { mutant } from "./mutant.ts";

const isFull = process.env.TEST_FULL === "1";
const FULL_MS = 60_000;
/** Fixed for a change; new ones every time in the full run, and printed with a failure. */
const SEEDS = [1, 68_345_563];
const FRAMES = 1_000;
/** Fewer than end a session, whatever they are. */
const FRAMES_A_SESSION = 18;

let runner: MessageRunner;
beforeAll(async () => {
	runner = await MessageRunner.open();
}, 20_000);
afterAll(() => runner.close());

/** Every word of the server is an event that there is, with its own fields, and no fault of the server's. */
function checkWord(frame: Frame): void {
	const { type, data } = frame;
	if (["message", "disconnect"].includes(type)) return;
	checkFrame(frame);
	if (!type.startsWith("error:")) return;
	expect(Object.keys(ERRORS)).toContain(data.code);
	expect(data.code).not.toBe("INTERNAL");
	expect(String(data.message).length).toBeLessThan(100);
	expect(String(data.operation).length).toBeLessThanOrEqual(64);
}

async function join(door: Door, docId: string): Promise<Attacker> {
	const token = tokenOf("mallory", { [docId]: "edit" });
	const attacker = await enter(runner.product, door, token);
	await attacker.request("document:join", { prdId: docId, mode: "edit" });
	return attacker;
}

/** All that a session has sent; it has been answered, and nobody else has noticed. */
async function send(
	door: Door,
	docId: string,
	texts: readonly string[],
): Promise<void> {
	const attacker = await join(door, docId);
	for (const text of texts) attacker.send({ text });
	await attacker.settled();
	for (const frame of attacker.frames) checkWord(frame);
	attacker.close();
}

/** The neighbour, who is in the document, still works there. */
async function checkNeighbour(docId: string): Promise<void> {
	const { neighbour } = runner;
	await neighbour.request("document:join", { prdId: docId, mode: "edit" });
	await neighbour.insert(docId, ".", 0).catch((error: Error) => {
		expect(error.message).toContain("RESYNC_REQUIRED");
	});
	for (const frame of neighbour.heard()) checkWord(frame);
	neighbour.forget();
	expect(await runner.look()).toEqual([]);
}

async function play(seed: number, door: Door): Promise<void> {
	const docId = await runner.neighbour.document("hello world");
	const texts = fc.sample(mutant(docId), { seed, numRuns: FRAMES });
	for (let i = 0; i < texts.length; i += FRAMES_A_SESSION) {
		const part = texts.slice(i, i + FRAMES_A_SESSION);
		try {
			await send(door, docId, part);
		} catch (error) {
			throw new Error(`seed ${seed}, frames from ${i}: ${part.join("\n")}`, {
				cause: error,
			});
		}
	}
	await checkNeighbour(docId);
	await runner.neighbour.request("document:leave", { prdId: docId });
}

describe("damaged frames of the seeds", () => {
	it.each(SEEDS.flatMap((seed) => DOORS.map((door) => [seed, door] as const)))(
		"[HOSTILE-25] seed %i (%s)",
		(seed, door) => play(seed, door),
		60_000,
	);

	if (isFull)
		it(
			"[HOSTILE-25] a minute of new seeds",
			async () => {
				const until = performance.now() + FULL_MS;
				for (let seed = Math.trunc(until * 1_000); performance.now() < until; )
					for (const door of DOORS) await play(seed++ | 0, door);
			},
			FULL_MS * 3,
		);

	it("[HOSTILE-24] leaves no fault of the server in the log", async () => {
		expect(await runner.strayLines()).toEqual([]);
	});
});
