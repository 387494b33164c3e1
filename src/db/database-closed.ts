import { CollabError } from "../protocol/errors.ts";

/** What everybody hears who comes after `close`. */
export const databaseClosed = (): CollabError =>
	new CollabError("UNAVAILABLE", "The database is closed", {
		reason: "closed",
	});
