import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { Product } from "../support/product.ts";
import type { Frame } from "../support/raw-client.ts";
import { type Attacker, enter, tokenOf } from "./message-attacker.ts";
import { checkError, mustResync, RESYNC } from "./message-check.ts";
import {
	CANARY,
	type DoorRow,
	filled,
	type HeardEvent,
	type MessageRow,
} from "./message-row.ts";
import { Neighbour } from "./neighbour.ts";
import { Witness } from "./witness.ts";

const TOKEN = /eyJ[\w-]+\./;

/** The product, two witnesses somewhere else in it, and a neighbour who is in every document that is attacked. */
export class MessageRunner {
	readonly product: Product;
	readonly neighbour: Neighbour;
	readonly #witness: Witness;
	readonly #folder: string;
	/** Refusals that each attacker has been given, by session: a line of the log for each, and no more. */
	readonly #refusals = new Map<string, number>();

	private constructor(
		product: Product,
		folder: string,
		witness: Witness,
		neighbour: Neighbour,
	) {
		this.product = product;
		this.neighbour = neighbour;
		this.#folder = folder;
		this.#witness = witness;
	}

	static async open(
		environment: Readonly<Record<string, string>> = {},
	): Promise<MessageRunner> {
		const folder = await mkdtemp(join(tmpdir(), "prdtool-hostile-"));
		const product = await Product.start(folder, environment);
		const witness = await Witness.open(product.ws, "elsewhere");
		const neighbour = await Neighbour.open(product.ws);
		return new MessageRunner(product, folder, witness, neighbour);
	}

	async close(): Promise<void> {
		await this.#witness.close();
		await this.neighbour.close();
		await this.product.kill();
		await rm(this.#folder, { recursive: true });
	}

	/** Plays one row and checks everything that holds for all of them. */
	async play(row: DoorRow): Promise<void> {
		const { neighbour } = this;
		const docId = await neighbour.document(row.text ?? "hello world");
		const token = tokenOf("mallory", rightsOf(row, docId));
		const attacker = await enter(this.product, row.door, token);
		const filledRow = filled(row, {
			$doc: docId,
			$session: attacker.sessionId,
			$neighbour: neighbour.sessionId,
		});
		await prepare(filledRow, docId, attacker);
		const head = await neighbour.insert(docId, ".", 1);
		await attacker.settled();
		attacker.forget();
		neighbour.forget();
		await this.#attack(filledRow, attacker);
		await attacker.settled();
		await this.#after(filledRow, docId, head);
		attacker.close();
		await neighbour.request("document:leave", { prdId: docId });
		neighbour.forget();
	}

	async #attack(row: DoorRow, attacker: Attacker): Promise<void> {
		const { frame } = row;
		if ("ack" in row.expect) {
			const answer = await attacker.ask(frame);
			expect(answer).toMatchObject({ type: "ack", data: row.expect.ack });
			expect(attacker.news()).toEqual([]);
			return;
		}
		const { event = "error:operation" } = row.expect;
		attacker.send(frame);
		await attacker.untilNews();
		await attacker.settled();
		expect(attacker.news()).toEqual([
			expect.objectContaining({ type: event, data: expect.anything() }),
		]);
		this.#noteRefusal(attacker);
		const error = attacker.news()[0]?.data ?? {};
		checkError(error, frame, row.expect);
		attacker.forget();
		await this.#asked(row, attacker, error);
	}

	/** The same with an id or a callback: the same answer, under that; or that he is to join again. */
	async #asked(
		row: DoorRow,
		attacker: Attacker,
		error: Frame["data"],
	): Promise<void> {
		// What was not parsed has no id on the raw door.
		if (row.door === "raw" && "code" in row.expect && row.expect.isUnread)
			return;
		const answer = await attacker.ask(row.frame);
		if (answer === undefined) return;
		this.#noteRefusal(attacker);
		if (mustResync(row)) expect(answer.data).toMatchObject(RESYNC);
		else expect(answer.data).toEqual(error);
		await attacker.settled();
		const events = attacker.news().map(({ data }) => data);
		expect(events).toEqual(row.door === "raw" ? [] : [answer.data]);
	}

	/** Nothing has come to anybody, but for what the row expects; the document takes the next edit. */
	async #after(row: MessageRow, docId: string, head: number): Promise<void> {
		const due = "ack" in row.expect ? (row.expect.heard ?? []) : [];
		const ops = due.filter(({ type }) => type === "operation:applied");
		const next = await this.neighbour.insert(docId, ".", head);
		expect(next).toBe(head + 1 + revisionsOf(ops));
		const heard = this.neighbour.heard();
		expect(heard.filter(({ type }) => !isQuiet(row, type))).toMatchObject(due);
		expect(await this.look()).toEqual([]);
	}

	#noteRefusal({ sessionId }: Attacker): void {
		const count = this.#refusals.get(sessionId) ?? 0;
		this.#refusals.set(sessionId, count + 1);
	}

	/** What witnesses elsewhere have noticed: nothing. */
	look(): Promise<readonly unknown[]> {
		return this.#witness.look();
	}

	/** Lines of the log that ought not to be there; ends the product. */
	async strayLines(): Promise<readonly string[]> {
		await this.product.stop();
		const lines = this.product.log().split("\n").filter(Boolean);
		const left = new Map(this.#refusals);
		return lines.filter((line) => {
			const { level, session, msg } = JSON.parse(line);
			if (level >= 50 || line.includes(CANARY) || TOKEN.test(line)) return true;
			const allowed = left.get(session);
			if (msg !== "request refused" || allowed === undefined) return false;
			left.set(session, allowed - 1);
			return allowed === 0;
		});
	}
}

/** Who is there is told when somebody comes, and again when his gateway introduces itself again. */
function isQuiet({ join, expect: expected }: MessageRow, type: string) {
	if ("ack" in expected) return type.startsWith("presence:");
	return join !== null && type === "presence:joined";
}

/** He joins, and does what is good. */
async function prepare(
	{ join = {}, setup = [] }: MessageRow,
	docId: string,
	attacker: Attacker,
): Promise<void> {
	const ask = { prdId: docId, mode: "edit", ...join };
	if (join !== null) await attacker.request("document:join", ask);
	for (const frame of setup)
		expect(await attacker.ask(frame)).toMatchObject({ type: "ack" });
}

function rightsOf(
	{ role = "edit", rights }: MessageRow,
	docId: string,
): unknown {
	if (rights !== undefined) return filled(rights, { $doc: docId });
	return role === null ? undefined : { [docId]: role, [`${docId}-*`]: role };
}

/** An op of several parts is told by as many events. */
const revisionsOf = (ops: readonly HeardEvent[]): number =>
	ops.filter(({ data: { part } }) => part === undefined || part === 1).length;
