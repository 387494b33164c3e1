import { CollabError } from "../protocol/errors.ts";
import { codeOf } from "./error-code.ts";

const severityOf = (error: unknown): string =>
	typeof error === "object" && error !== null && "severity" in error
		? String(error.severity)
		: "";

/** The five characters by which PostgreSQL names an error; "" when the server did not speak (connection lost). */
const sqlStateOf = (error: unknown): string =>
	severityOf(error) === "" ? "" : codeOf(error);

/** The server refused one statement; after anything else (it ended the session, or did not speak) the connection is lost. */
export const sparesConnection = (error: unknown): boolean =>
	severityOf(error) === "ERROR";

/** Bad data or a broken constraint: the rows are to blame. */
export const blamesTheRows = (error: unknown): boolean =>
	/^2[23]/.test(sqlStateOf(error));

/** Deadlock or serialization failure: nothing was written, the same again may succeed. */
export const isRepeatable = (error: unknown): boolean =>
	/^40(P01|001)$/.test(sqlStateOf(error));

/**
 * Failures of the server or of the moment: connection, authorization, unknown database, rollback, read-only,
 * resources, operator, system.
 */
const UNAVAILABLE = /^($|08|28|3D|40|25|53|55|57|58)/;

/** The product's error for one of PostgreSQL's or of its connection's. */
export function postgresError(error: unknown): CollabError {
	if (error instanceof CollabError) return error;
	const state = sqlStateOf(error);
	return !UNAVAILABLE.test(state)
		? new CollabError(
				"INTERNAL",
				"The database refused a statement",
				{ reason: "statement", cause: state },
				{ cause: error },
			)
		: new CollabError(
				"UNAVAILABLE",
				"The database cannot be reached or cannot write at the moment",
				{ reason: "database", cause: state === "" ? "connection" : state },
				{ cause: error },
			);
}
