import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { devKey } from "../../../src/node/dev-key.ts";
import { createDataDir } from "../../support/sqlite.ts";

const { path, remove } = createDataDir();
afterAll(remove);

describe("the development key", () => {
	it("[CONF-5] is made once, at random, and readable by its owner alone", () => {
		const folder = join(path, "new");
		const file = join(folder, "dev-jwt-secret");
		const { key } = devKey(folder);
		expect(key.export().toString()).toBe(readFileSync(file, "utf8"));
		expect(key.symmetricKeySize).toBe(64);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(devKey(folder).key.equals(key)).toBe(true);
		expect(devKey(join(path, "other")).key.equals(key)).toBe(false);
	});

	it.each(["", "\n", "short"])(
		"[CONF-5] what was left of a broken making is no key: %j",
		(left) => {
			writeFileSync(join(path, "dev-jwt-secret"), left);
			expect(() => devKey(path)).toThrow("is damaged: remove it");
		},
	);

	it("[CONF-11] a folder that cannot be made is unavailable", () => {
		const file = join(path, "file");
		writeFileSync(file, "");
		expect(() => devKey(file)).toThrow(
			expect.objectContaining({ code: "UNAVAILABLE" }),
		);
	});
});
