import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A service of docker-compose.yml, with the variables of the environment put in. */
export interface ComposeService {
	readonly image?: string;
	readonly build?: string;
	readonly command?: readonly string[];
	readonly environment?: Readonly<Record<string, string | number>>;
	readonly healthcheck?: { readonly test: readonly string[] };
	readonly stop_grace_period?: string;
}

/** Reads a compose file as `docker compose` does. Throws where it asks for a variable that is missing. */
export function readCompose(
	file: string,
	variables: Readonly<Record<string, string>>,
): Readonly<Record<string, ComposeService>> {
	const document: unknown = parse(readFileSync(file, "utf8"), { merge: true });
	const { services } = interpolate(document, variables) as {
		readonly services: Readonly<Record<string, ComposeService>>;
	};
	return services;
}

function interpolate(
	value: unknown,
	variables: Readonly<Record<string, string>>,
): unknown {
	if (typeof value === "string") return substitute(value, variables);
	if (Array.isArray(value))
		return value.map((item) => interpolate(item, variables));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [
			key,
			interpolate(item, variables),
		]),
	);
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?why}`; `$$` is one dollar. */
function substitute(
	text: string,
	variables: Readonly<Record<string, string>>,
): string {
	return text.replace(
		/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g,
		(whole, name?: string, kind?: string, rest = "") => {
			if (name === undefined) return whole.slice(1);
			const value = variables[name];
			if (value !== undefined && value !== "") return value;
			if (kind === "?") throw new Error(`${name}: ${rest}`);
			return kind === "-" ? rest : "";
		},
	);
}
