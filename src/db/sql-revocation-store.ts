import { sql } from "kysely";
import type {
	Revocation,
	RevocationStore,
	TokenMark,
} from "../rooms/revocation-store.ts";
import type { Clock } from "../shared/clock.ts";
import type { UserId } from "../shared/ids.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { isAmong, template, type ValueList, valueList } from "./template.ts";

const nameOf = (revocation: Revocation): string =>
	revocation.kind === "token" ? revocation.jti : revocation.userId;

const revocationOf = ({
	kind,
	name,
	revoked_at: revokedAtMs,
	until: untilMs,
}: Schema["revocations"]): Revocation =>
	kind === "token"
		? { kind, jti: name, untilMs }
		: { kind, userId: name as UserId, revokedAtMs, untilMs };

/** Revocations in SQL. */
export class SqlRevocationStore implements RevocationStore {
	readonly #database: Database;
	readonly #clock: Pick<Clock, "nowMs">;
	readonly #named: (
		kind: Revocation["kind"],
		names: ValueList,
		nowMs: number,
	) => Promise<Schema["revocations"][]>;

	constructor(database: Database, clock: Pick<Clock, "nowMs">) {
		const { kysely } = database;
		this.#database = database;
		this.#clock = clock;
		this.#named = template(
			kysely,
			(kind: Revocation["kind"], names: ValueList, nowMs: number) =>
				kysely
					.selectFrom("revocations")
					.selectAll()
					.where("kind", "=", kind)
					.where(isAmong(database, "name", "text", names))
					.where("until", ">", nowMs),
		);
	}

	async add(revocation: Revocation): Promise<void> {
		const { kysely } = this.#database;
		const nowMs = this.#clock.nowMs();
		const row = {
			kind: revocation.kind,
			name: nameOf(revocation),
			revoked_at: revocation.kind === "user" ? revocation.revokedAtMs : nowMs,
			until: revocation.untilMs,
		};
		const sweep = kysely.deleteFrom("revocations").where("until", "<=", nowMs);
		const insert = kysely
			.insertInto("revocations")
			.values(row)
			// Of two for one name the farther one stands: neither takes anything back.
			.onConflict((conflict) =>
				conflict.columns(["kind", "name"]).doUpdateSet({
					revoked_at: later("revoked_at"),
					until: later("until"),
				}),
			);
		await this.#database.batch([
			{ query: sweep.compile() },
			{ query: insert.compile() },
		]);
	}

	async list(
		marks: readonly TokenMark[],
		nowMs: number,
	): Promise<readonly Revocation[]> {
		const users = marks.map(({ userId }) => userId as string);
		const tokens = marks.flatMap(({ jti }) => (jti === undefined ? [] : [jti]));
		const found = await this.#list("user", users, nowMs);
		if (tokens.length === 0) return found;
		return [...found, ...(await this.#list("token", tokens, nowMs))];
	}

	async #list(
		kind: Revocation["kind"],
		names: readonly string[],
		nowMs: number,
	): Promise<readonly Revocation[]> {
		const list = valueList(this.#database, names);
		return (await this.#named(kind, list, nowMs)).map(revocationOf);
	}
}

/** The farther of what is there and what is new; no aggregate's name means that in both dialects. */
const later = (column: "revoked_at" | "until") => {
	const [old, fresh] = [
		sql.ref(`revocations.${column}`),
		sql.ref(`excluded.${column}`),
	];
	return sql<number>`case when ${old} > ${fresh} then ${old} else ${fresh} end`;
};
