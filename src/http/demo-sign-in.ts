import { CollabError } from "../protocol/errors.ts";
import { isUserId } from "../protocol/schemas/common.ts";

/** What the page gets on a development server: a token for whoever sits at this machine. */
export interface SignedIn {
	readonly token: string;
	readonly userId: string;
	readonly name: string;
}

export type Sign = (
	userId: string,
	claims: Readonly<Record<string, unknown>>,
) => string;

/** Throws `VALIDATION_FAILED` for a name that cannot be used. The same name is the same person. */
export function demoSignIn(body: unknown, sign: Sign): SignedIn {
	const given = (body as { readonly name?: unknown } | undefined)?.name;
	const name = typeof given === "string" ? given.toWellFormed().trim() : "";
	const userId = userIdOf(name);
	if (name.length > 64 || !isUserId(userId) || userId === "admin")
		throw new CollabError(
			"VALIDATION_FAILED",
			"Give a name of 1 to 64 characters",
			{
				field: "name",
			},
		);
	// Whoever opens a document becomes an editor of it: the first run shows two people in one document.
	const token = sign(userId, { name, roles: ["demo"] });
	return { token, userId, name };
}

/** Letters and digits of any script, without accents; "" when there are none. */
const userIdOf = (name: string): string =>
	name
		.normalize("NFKD")
		.toLowerCase()
		.replace(/\p{Mn}+/gu, "")
		.replace(/[^\p{L}\p{N}\p{Mc}]+/gu, "-")
		.replace(/^-+|-+$/g, "")
		.normalize("NFC");
