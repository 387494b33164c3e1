import { CollabError } from "../protocol/errors.ts";
import type { PlainError } from "./sqlite-messages.ts";

/** Failures of the disk or of the moment, not of the statement. */
const UNAVAILABLE =
	/^SQLITE_(FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN|NOMEM|CORRUPT|NOTADB|PERM|AUTH)/;

/** The product's error for one of SQLite's; `data.cause` is SQLite's code. */
export function sqliteError({ code, message }: PlainError): CollabError {
	const cause = Object.assign(new Error(message), { code });
	return UNAVAILABLE.test(code)
		? new CollabError(
				"UNAVAILABLE",
				"The database cannot write or read at the moment",
				{ reason: "database", cause: code },
				{ cause },
			)
		: new CollabError(
				"INTERNAL",
				"The database refused a statement",
				{ reason: "statement", cause: code },
				{ cause },
			);
}

/** The same for an error thrown on this thread. */
export const thrownSqliteError = (error: unknown): CollabError =>
	sqliteError({
		code:
			error instanceof Error && "code" in error
				? String(error.code)
				: "UNKNOWN",
		message: error instanceof Error ? error.message : String(error),
	});
