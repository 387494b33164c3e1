import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { titled } from "./row.ts";
import { CONNECT_ROWS, PACKET_ROWS, REQUEST_ROWS } from "./rows-socketio.ts";
import { Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
	scene = await Scene.open("plain");
}, 30_000);
afterAll(() => scene.close());

describe("packets at the Socket.IO door", () => {
	it.each(titled(PACKET_ROWS))(
		"[HOSTILE-4] row %i ends the connection: %s",
		(_, __, row) => scene.check(row),
	);

	it.each(titled(REQUEST_ROWS))(
		"[HOSTILE-5] row %i has one answer or none: %s",
		(_, __, row) => scene.check(row),
	);

	it.each(titled(CONNECT_ROWS))(
		"[HOSTILE-4] row %i refuses the CONNECT: %s",
		(_, __, row) => scene.check(row),
	);
});
