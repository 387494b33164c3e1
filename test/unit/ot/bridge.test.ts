import { describe, expect, it } from "@jest/globals";
import {
	BRIDGE_OPS,
	Bridge,
	contextAstral,
	contextLength,
	type PathOp,
	rebase,
} from "../../../src/ot/bridge.ts";
import type { DocumentOp } from "../../../src/ot/document-op.ts";
import type { TextOp } from "../../../src/ot/text-op.ts";

const op = (...t: TextOp): DocumentOp => ({ t, m: [] });
const logOf = (...ops: DocumentOp[]): PathOp[] =>
	ops.map((each, i) => ({ rev: i + 1, op: each }));
const tailOf = (log: readonly PathOp[]) => (since: number) => log.slice(since);

describe("Bridge", () => {
	it("[BRIDGE-1] leads an author without ops in flight over the log itself", () => {
		const log = logOf(op("a"), op("b"), op("c"));
		expect(new Bridge().path(1, tailOf(log))).toEqual(log.slice(1));
		expect(new Bridge().path(3, tailOf(log))).toEqual([]);
	});

	it("[BRIDGE-2] leads an author with ops in flight over the unseen ops, moved past his own", () => {
		const bridge = new Bridge();
		const log = logOf(op("F"));
		const path = bridge.path(0, tailOf(log));
		// Both were made for the empty text; the author's is later and stands left.
		const mine = rebase(op("m"), path);
		log.push({ rev: 2, op: mine });
		bridge.advance(0, path, op("m"), 2);
		log.push({ rev: 3, op: op(2, "G") });
		const next = bridge.path(0, tailOf(log));
		expect(next).toEqual([
			{ rev: 1, op: op(1, "F") },
			{ rev: 3, op: op(2, "G") },
		]);
		expect(rebase(op(1, "n"), next)).toEqual(op(1, "n"));
		expect(contextLength(3, next)).toBe(1);
	});

	it("[BRIDGE-3] drops from the way what the author has seen meanwhile", () => {
		const bridge = new Bridge();
		const log = logOf(op("F"), op("G"));
		const path = bridge.path(0, tailOf(log));
		bridge.advance(0, path, op("m"), 3);
		log.push({ rev: 3, op: rebase(op("m"), path) });
		expect(bridge.path(1, tailOf(log)).map((x) => x.rev)).toEqual([2]);
		expect(bridge.path(3, tailOf(log))).toEqual([]);
	});

	it("[BRIDGE-4] refuses a base below that of the author's last op", () => {
		const bridge = new Bridge();
		bridge.advance(5, [], op("m"), 6);
		expect(() => bridge.path(4, () => [])).toThrow(
			expect.objectContaining({
				code: "OPERATION_INVALID",
				data: expect.objectContaining({ reason: "base_regression" }),
			}),
		);
		expect(bridge.path(5, () => [])).toEqual([]);
	});

	it("[BRIDGE-5] keeps at most its bound for an author who does not wait, and takes any way of one who does", () => {
		const log = logOf(...Array.from({ length: BRIDGE_OPS + 1 }, () => op("x")));
		const far = new Bridge();
		far.advance(0, far.path(0, tailOf(log)), op("m"), log.length + 1);
		const sent: PathOp[] = [...log, { rev: log.length + 1, op: op("m") }];
		expect(() => far.path(0, tailOf(sent))).toThrow(
			expect.objectContaining({ code: "RESYNC_REQUIRED" }),
		);
		expect(far.path(log.length, tailOf(sent))).toEqual([]);
		const near = new Bridge();
		near.advance(0, near.path(0, tailOf(log.slice(1))), op("m"), log.length);
		expect(near.path(0, () => [])).toHaveLength(BRIDGE_OPS);
	});

	it("[BRIDGE-6] forgets astral characters that both the author and an unseen op delete", () => {
		// The text is 😀a😀; the unseen op deletes all, the author's first op the first character.
		const bridge = new Bridge();
		const log: PathOp[] = [{ rev: 1, op: op({ d: 3 }), astral: { d: [0, 2] } }];
		const path = bridge.path(0, tailOf(log));
		expect(contextAstral([], path)).toEqual([0, 2]);
		bridge.advance(0, path, op({ d: 1 }), 2);
		log.push({ rev: 2, op: op() });
		const next = bridge.path(0, tailOf(log));
		expect(next).toEqual([{ rev: 1, op: op({ d: 2 }), astral: { d: [1] } }]);
		expect(contextAstral([], next)).toEqual([1]);
		expect(contextLength(0, next)).toBe(2);
	});

	it("[BRIDGE-7] is not changed by a submission that was refused after its way was asked for", () => {
		const bridge = new Bridge();
		const log = logOf(op("F"));
		bridge.advance(0, bridge.path(0, tailOf(log)), op("m"), 2);
		log.push({ rev: 2, op: op("m") });
		const first = bridge.path(0, tailOf(log));
		expect(bridge.path(1, tailOf(log))).toEqual([]);
		expect(bridge.path(0, tailOf(log))).toEqual(first);
	});
});
