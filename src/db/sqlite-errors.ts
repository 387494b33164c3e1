import { CollabError } from "../protocol/errors.ts";
import { codeOf } from "./error-code.ts";
import type { PlainError } from "./sqlite-messages.ts";

/** Failures of the disk or of the moment, not of the statement. */
const UNAVAILABLE =
	/^SQLITE_(FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN|NOMEM|CORRUPT|NOTADB|PERM|AUTH)/;

/** What of an error can cross between threads. */
export const plainError = (error: unknown): PlainError => ({
	code: codeOf(error),
	message:
		typeof error === "object" && error !== null && "message" in error
			? String(error.message)
			: String(error),
});

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
	sqliteError(plainError(error));
