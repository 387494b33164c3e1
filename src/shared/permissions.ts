import { MODES, type Mode } from "./roles.ts";

/** The `permissions` of a token as they stand in it: a role by document id, or by a prefix that ends in `*`. */
export type PermissionsClaim = Readonly<Record<string, unknown>>;

/** Roles that a token grants by document id: exact, or by the longest prefix that ends in `*`. */
export class Permissions {
	readonly claim: PermissionsClaim;
	#exact: Map<string, Mode | undefined> | undefined;
	/** Longest first. */
	readonly #prefixes: {
		readonly prefix: string;
		readonly role: Mode | undefined;
	}[] = [];

	/** An entry with an unknown role grants nothing, and hides shorter prefixes all the same. */
	constructor(claim: PermissionsClaim) {
		this.claim = claim;
		for (const [pattern, value] of Object.entries(claim)) {
			const role = MODES.find((mode) => mode === value);
			if (pattern.endsWith("*"))
				this.#prefixes.push({ prefix: pattern.slice(0, -1), role });
			else {
				this.#exact ??= new Map();
				this.#exact.set(pattern, role);
			}
		}
		this.#prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
	}

	/** The role on that document; undefined: none. */
	roleOn(docId: string): Mode | undefined {
		if (this.#exact?.has(docId)) return this.#exact.get(docId);
		return this.#prefixes.find(({ prefix }) => docId.startsWith(prefix))?.role;
	}
}
