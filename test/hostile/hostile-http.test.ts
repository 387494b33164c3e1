import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { titled } from "./row.ts";
import { ENGINE_ROWS } from "./rows-engine.ts";
import { FLOOD_ROWS } from "./rows-floods.ts";
import { HTTP_ROWS } from "./rows-http.ts";
import { ORIGIN_ROWS } from "./rows-origin.ts";
import { REST_ROWS } from "./rows-rest.ts";
import { UPGRADE_ROWS } from "./rows-upgrade.ts";
import { Scene } from "./scene.ts";

let plain: Scene;
let production: Scene;
let limited: Scene;
beforeAll(async () => {
	[plain, production, limited] = await Promise.all([
		Scene.open("plain"),
		Scene.open("production"),
		Scene.open("limited"),
	]);
}, 30_000);
afterAll(async () => {
	await Promise.all([plain, production, limited].map((scene) => scene.close()));
});

describe("requests", () => {
	it.each(titled(UPGRADE_ROWS))("[HOSTILE-1] row %i: %s", (_, __, row) =>
		plain.check(row),
	);

	it.each(titled(HTTP_ROWS))("[HOSTILE-1] row %i: %s", (_, __, row) =>
		plain.check(row),
	);

	it.each(titled(REST_ROWS))("[HOSTILE-1] row %i: %s", (_, __, row) =>
		plain.check(row),
	);

	it.each(titled(ENGINE_ROWS))("[HOSTILE-1] row %i: %s", (_, __, row) =>
		plain.check(row),
	);
});

describe("an origin", () => {
	it.each(titled(ORIGIN_ROWS))("[HOSTILE-1] row %i: %s", (_, __, row) =>
		production.check(row),
	);
});

describe("more handshakes than an address may make", () => {
	it.each(titled(FLOOD_ROWS))("[HOSTILE-1] row %i: %s", (_, __, row) =>
		limited.check(row),
	);
});
