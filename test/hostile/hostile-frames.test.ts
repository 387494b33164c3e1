import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { titled } from "./row.ts";
import { DOOR_ROWS, LAYER_ROWS } from "./rows-frames.ts";
import { Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
	scene = await Scene.open("plain");
}, 30_000);
afterAll(() => scene.close());

describe("frames at the raw door", () => {
	it.each(titled(LAYER_ROWS))(
		"[HOSTILE-2] row %i: the layer of WebSockets closes: %s",
		(_, __, row) => scene.check(row),
	);

	it.each(titled(DOOR_ROWS))("[HOSTILE-3] row %i: %s", (_, __, row) =>
		scene.check(row),
	);
});
