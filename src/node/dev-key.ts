import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AuthKey, secretKey } from "./jwt-key.ts";

/** The key of a development server that was given none: made once, kept in the data folder, readable by its owner. */
export function devKey(dataDir: string): AuthKey & { readonly secret: string } {
	const path = join(dataDir, "dev-jwt-secret");
	mkdirSync(dataDir, { recursive: true });
	try {
		// Of two processes that start at once, one makes it and the other reads it.
		writeFileSync(path, randomBytes(48).toString("base64url"), {
			mode: 0o600,
			flag: "wx",
		});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
	const secret = readFileSync(path, "utf8").trim();
	return { ...secretKey(secret), secret };
}
