import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { NO_MARKS } from "../../../src/ot/marks.ts";
import { plain, SEED } from "../../support/ot-generators.ts";
import { LinearLog, LogClient } from "../../support/ot-linear-log.ts";

const WORD = 6;
const start = plain("[]");

/** Everybody types a word of his own letter right behind the bracket; `order` says who gets on with what. */
function type(
	people: number,
	inFlight: number,
	order: readonly { readonly who: number; readonly what: number }[],
): string {
	const log = new LinearLog(start);
	const clients = Array.from(
		{ length: people },
		(_, i) => new LogClient(i, start),
	);
	const key = (client: LogClient, typed: number) => {
		const mine = (id: string) => id.startsWith(`client${client.number}.`);
		const own = client.cells.findLastIndex((cell) => mine(cell.id));
		if (typed < WORD && client.pending.length < inFlight)
			client.make({
				t: [own < 0 ? 1 : own + 1, "abc"[client.number] as string],
				m: NO_MARKS,
			});
	};
	const typed = (client: LogClient) =>
		client.cells.filter((cell) => cell.id.startsWith(`client${client.number}.`))
			.length;
	const act = (client: LogClient, what: number) => {
		const sent = client.sent[0];
		const next = log.ops[client.rev];
		if (what === 0) key(client, typed(client));
		else if (what === 1 && sent !== undefined)
			log.accept(client.sent.shift() ?? sent);
		else if (next !== undefined) client.hear(next);
	};
	for (const { who, what } of order)
		act(clients[who % people] as LogClient, what);
	while (
		clients.some(
			(client) =>
				typed(client) < WORD ||
				client.rev < log.ops.length ||
				client.sent.length > 0,
		)
	)
		for (const client of clients)
			for (const what of [0, 1, 2]) act(client, what);
	return log.content.text;
}

describe("typing forward at one place", () => {
	it.each([
		["with one op in flight", 1],
		["with many ops in flight", 64],
	])(
		"[OT-12] never interleaves the words of two or three people, %s",
		(_, inFlight) => {
			fc.assert(
				fc.property(
					fc.integer({ min: 2, max: 3 }),
					fc.array(fc.record({ who: fc.nat(2), what: fc.nat(2) }), {
						maxLength: 60,
						size: "max",
					}),
					(people, order) => {
						const text = type(people, inFlight, order);
						const words = ["a", "b", "c"]
							.slice(0, people)
							.map((c) => c.repeat(WORD));
						expect(
							text
								.slice(1, -1)
								.match(/(.)\1*/g)
								?.sort(),
						).toEqual(words);
					},
				),
				{ seed: SEED, numRuns: 300 },
			);
		},
	);
});
