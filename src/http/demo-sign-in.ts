import jwt from "jsonwebtoken";
import { CollabError } from "../protocol/errors.ts";

const HOURS = 12;

/** What the page gets on a development server: a token for whoever sits at this machine. */
export interface SignedIn {
	readonly token: string;
	readonly userId: string;
	readonly name: string;
}

/** Throws `VALIDATION_FAILED` for a name that cannot be used. The same name is the same person. */
export function demoSignIn(body: unknown, secret: string): SignedIn {
	const given = (body as { readonly name?: unknown } | undefined)?.name;
	const name = typeof given === "string" ? given.toWellFormed().trim() : "";
	const userId = name
		.normalize("NFKD")
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, "-")
		.replace(/^-+|-+$/g, "");
	if (name.length > 64 || userId === "" || userId === "admin")
		throw new CollabError(
			"VALIDATION_FAILED",
			"Give a name of 1 to 64 characters",
			{
				field: "name",
			},
		);
	// Whoever opens a document becomes an editor of it: the first run shows two people in one document.
	const claims = { name, roles: ["demo"] };
	const token = jwt.sign(claims, secret, {
		algorithm: "HS256",
		subject: userId,
		expiresIn: HOURS * 3600,
	});
	return { token, userId, name };
}
