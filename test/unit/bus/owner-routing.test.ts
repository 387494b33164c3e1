import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ownerOf } from "../../../src/bus/owner-routing.ts";
import type { DocId } from "../../../src/shared/ids.ts";

type Nodes = readonly [string, ...string[]];

/** As containers and processes are called: alike but for a few characters. */
const nodes = fc
	.uniqueArray(
		fc.oneof(
			fc.integer({ min: 1, max: 99_999 }).map((pid) => `host-${pid}`),
			fc.uuid().map((id) => `${id.slice(0, 12)}-1`),
		),
		{ minLength: 2, maxLength: 8 },
	)
	.map((list) => list as unknown as Nodes);
const docId = fc
	.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}$/)
	.map((id) => id as DocId);

const documents = Array.from({ length: 2_000 }, (_, i) => `prd_${i}` as DocId);
const without = (list: Nodes, node: string): Nodes =>
	list.filter((other) => other !== node) as unknown as Nodes;

describe("the owner of a document", () => {
	it("[OWN-1] is the same for all who know the same nodes, in whatever order", () =>
		fc.assert(
			fc.property(nodes, docId, fc.infiniteStream(fc.nat()), (list, doc, s) => {
				const order = new Map(list.map((node) => [node, s.next().value]));
				const shuffled = list.toSorted(
					(a, b) => Number(order.get(a)) - Number(order.get(b)),
				) as unknown as Nodes;
				expect(list).toContain(ownerOf(list, doc));
				expect(ownerOf(shuffled, doc)).toBe(ownerOf(list, doc));
			}),
		));

	it("[OWN-2] changes for nobody else's documents when a node comes or goes", () =>
		fc.assert(
			fc.property(nodes, docId, (list, doc) => {
				const owner = ownerOf(list, doc);
				for (const node of list)
					if (node !== owner)
						expect(ownerOf(without(list, node), doc)).toBe(owner);
			}),
		));

	it("[OWN-2] is each node for its share, between half of it and one and a half", () =>
		fc.assert(
			fc.property(nodes, (list) => {
				const counts = new Map(list.map((node) => [node, 0]));
				for (const doc of documents) {
					const owner = ownerOf(list, doc);
					counts.set(owner, (counts.get(owner) ?? 0) + 1);
				}
				const share = documents.length / list.length;
				for (const count of counts.values()) {
					expect(count).toBeGreaterThan(share / 2);
					expect(count).toBeLessThan(share * 1.5);
				}
			}),
			{ numRuns: 10 },
		));
});
