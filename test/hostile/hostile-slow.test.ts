import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { titled } from "./row.ts";
import { SLOW_ROWS } from "./rows-slow.ts";
import { Scene } from "./scene.ts";

const LONGEST_MS = 40_000;
let scene: Scene;
beforeAll(async () => {
	// The end of a session is told in the log alone when its client does not read.
	scene = await Scene.open("plain", { LOG_LEVEL: "info" });
	for (const row of SLOW_ROWS) scene.begin(row);
}, 30_000);
afterAll(() => scene.close());

describe("a peer that takes its time", () => {
	it.each(titled(SLOW_ROWS))(
		"[HOSTILE-6] row %i: %s",
		(_, __, row) => scene.check(row),
		LONGEST_MS,
	);
});
