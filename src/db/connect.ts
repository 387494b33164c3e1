import type { CollabError } from "../protocol/errors.ts";
import type { Database, DatabaseConfig } from "./database.ts";

/**
 * Opens the database and brings its tables up to date.
 * Throws `UNAVAILABLE` within 5 s when it cannot be reached, is locked by another process (`reason: "locked"`) or
 * is less durable than configured (`reason: "durability"`).
 * @param onFatal told once when the database has failed for good: the process should end
 */
export async function openDatabase(
	config: DatabaseConfig,
	onFatal: (error: CollabError) => void = () => {},
): Promise<Database> {
	// Imported on first use: each deployment needs only one of the two drivers.
	if (config.kind === "sqlite") {
		const { SqliteSide } = await import("./sqlite-database.ts");
		return SqliteSide.open(config, onFatal);
	}
	const { PostgresSide } = await import("./postgres-database.ts");
	return PostgresSide.open(config);
}
