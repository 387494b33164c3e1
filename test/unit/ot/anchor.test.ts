import { describe, expect, it } from "@jest/globals";
import { moveAnchor, moveRange } from "../../../src/ot/anchor.ts";
import type { Bias, TextOp } from "../../../src/ot/text-op.ts";

const committed = (...ops: TextOp[]) =>
	ops.map((t, i) => ({ rev: i + 1, op: { t, m: [] } }));
const anchor = (position: number, bias: Bias, ...ops: TextOp[]) =>
	moveAnchor({ rev: 0, position, bias }, committed(...ops)).position;
const range = (start: number, end: number, ...ops: TextOp[]) => {
	const moved = moveRange(
		{ rev: 0, start, end, orphaned: false },
		committed(...ops),
	);
	return moved.orphaned ? `orphaned ${moved.start}` : [moved.start, moved.end];
};

describe("anchors", () => {
	it("[ANCHOR-1] move with the text before them, and by their bias at the place itself", () => {
		expect(anchor(3, "before", ["😀b"])).toBe(5);
		expect(anchor(3, "before", [3, "ab"])).toBe(3);
		expect(anchor(3, "after", [3, "ab"])).toBe(5);
		expect(anchor(3, "after", [4, "ab"])).toBe(3);
		expect(anchor(3, "after", [1, { d: 5 }, "ab"])).toBe(1);
		expect(anchor(3, "after", [{ d: 3 }, "ab"])).toBe(2);
		expect(anchor(3, "before", [{ d: 3 }, "ab"])).toBe(0);
	});

	it("[ANCHOR-2] take committed ops one by one, those they know already not again, and never leap over one", () => {
		const ops = committed(["a"], ["b"], ["c"]);
		const first = moveAnchor({ rev: 1, position: 0, bias: "after" }, ops);
		expect(first).toEqual({ rev: 3, position: 2, bias: "after" });
		expect(moveAnchor(first, ops)).toEqual(first);
		expect(() => moveAnchor({ ...first, rev: 0 }, ops.slice(1))).toThrow(
			expect.objectContaining({ code: "INTERNAL" }),
		);
	});
});

describe("range anchors", () => {
	it("[ANCHOR-3] grow with text inserted inside, never at their edges", () => {
		expect(range(2, 5, [3, "xy"])).toEqual([2, 7]);
		expect(range(2, 5, [2, "xy"])).toEqual([4, 7]);
		expect(range(2, 5, [5, "xy"])).toEqual([2, 5]);
		expect(range(2, 5, [1, { d: 2 }])).toEqual([1, 3]);
	});

	it("[ANCHOR-4] are orphaned once their text is gone, and stay so where it stood", () => {
		expect(range(2, 5, [2, { d: 3 }])).toBe("orphaned 2");
		expect(range(2, 5, [2, { d: 3 }, "xyz"])).toBe("orphaned 2");
		expect(range(2, 5, [2, "xyz", { d: 3 }])).toBe("orphaned 5");
		expect(range(2, 5, [{ d: 9 }], ["abc"], [1, "xyz"])).toBe("orphaned 0");
		expect(range(2, 5, [2, { d: 3 }], ["abc"])).toBe("orphaned 5");
		expect(range(2, 5, [2, { d: 2 }])).toEqual([2, 3]);
	});
});
