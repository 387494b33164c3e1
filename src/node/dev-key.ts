import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CollabError } from "../protocol/errors.ts";
import { type AuthKey, secretKey } from "./jwt-key.ts";

const BYTES = 48;
/** Of a secret in base64url. */
const CHARS = (BYTES / 3) * 4;

/**
 * The key of a development server that was given none: made once, kept in the data folder, readable by its owner.
 * Throws `UNAVAILABLE` when it can be neither made nor read.
 */
export function devKey(dataDir: string): AuthKey {
	const path = join(dataDir, "dev-jwt-secret");
	const secret = readOrMake(dataDir, path);
	// Whatever stopped its making, a key that can be guessed must not come of it.
	if (secret.length < CHARS)
		throw new CollabError("UNAVAILABLE", `${path} is damaged: remove it`, {
			reason: "development key",
		});
	return secretKey(secret);
}

function readOrMake(dataDir: string, path: string): string {
	try {
		mkdirSync(dataDir, { recursive: true });
		makeOnce(path);
		return readFileSync(path, "utf8").trim();
	} catch (cause) {
		throw new CollabError(
			"UNAVAILABLE",
			`The development key ${path} can be neither made nor read`,
			{ reason: "development key" },
			{ cause },
		);
	}
}

/** Of two processes that start at once, one makes it and the other reads it. */
function makeOnce(path: string): void {
	try {
		const secret = randomBytes(BYTES).toString("base64url");
		writeFileSync(path, secret, { mode: 0o600, flag: "wx" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
}
