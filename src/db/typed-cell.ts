import { sql } from "kysely";

/** A parameter among selected columns, whose type PostgreSQL cannot see from where it stands. */
export const typedCell = (cell: string | number | null) =>
	sql<never>`cast(${cell} as ${sql.raw(typeof cell === "number" ? "bigint" : "text")})`;
