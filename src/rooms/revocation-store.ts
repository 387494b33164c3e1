import type { UserId } from "../shared/ids.ts";

/** Tokens that no longer admit, though their time is not over. */
export type Revocation =
	/** That one token. */
	(
		| { readonly kind: "token"; readonly jti: string }
		/** Everything that was issued to the person before; a token that does not say when it was counts as earlier. */
		| {
				readonly kind: "user";
				readonly userId: UserId;
				readonly revokedAtMs: number;
		  }
	) & {
		/** Not before this have all the tokens that it means expired: the row can go then. */
		readonly untilMs: number;
	};

/** The parts of a token that a revocation can name. */
export interface TokenMark {
	readonly userId: UserId;
	readonly jti?: string;
	readonly issuedAtMs?: number;
}

export interface RevocationStore {
	/** Idempotent. Rows whose time is over go. */
	add(revocation: Revocation): Promise<void>;
	/** Those in force that name a token of these, or somebody's of them. */
	list(
		marks: readonly TokenMark[],
		nowMs: number,
	): Promise<readonly Revocation[]>;
}

/** Whether a revocation means that token. */
export const isRevokedBy = (
	{ userId, jti, issuedAtMs }: TokenMark,
	revocation: Revocation,
): boolean =>
	revocation.kind === "token"
		? revocation.jti === jti
		: revocation.userId === userId &&
			(issuedAtMs === undefined || issuedAtMs < revocation.revokedAtMs);
