import { CollabError } from "../protocol/errors.ts";
import type { Identity } from "./authenticate.ts";
import type { Session } from "./session.ts";

/** Who has sent a request. Throws `UNAUTHENTICATED` when the session has ended meanwhile. */
export function identityOf({ identity }: Session): Identity {
	if (identity !== undefined) return identity;
	throw new CollabError("UNAUTHENTICATED", "The session has ended");
}
