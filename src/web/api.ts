import type { Role } from "../shared/roles.ts";
import type { Visitor } from "./visitor.ts";

export interface DocumentSummary {
	readonly id: string;
	readonly title: string;
	readonly role: Role;
	/** ISO 8601. */
	readonly editedAt?: string;
	readonly revision?: number;
}
export interface Member {
	readonly userId: string;
	readonly role: Role;
}

/** A request that the server did not do; `code` as in the protocol, `UNREACHABLE` when nobody answered. */
export class ApiError extends Error {
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

const UNREACHABLE = "The server cannot be reached. Please try again.";

/** The part of the REST interface that the page uses, as its visitor. */
export class Api {
	readonly #access: Visitor["access"];

	constructor({ access }: Pick<Visitor, "access">) {
		this.#access = access;
	}

	/** The visitor's documents, last edited first. */
	async documents(): Promise<readonly DocumentSummary[]> {
		const path = "/api/documents";
		const { documents } = (await this.#ask("GET", path)) as {
			readonly documents: readonly DocumentSummary[];
		};
		return documents;
	}

	async document(id: string): Promise<DocumentSummary> {
		return (await this.#ask("GET", pathOf(id))) as DocumentSummary;
	}

	async rename(id: string, title: string): Promise<void> {
		await this.#ask("PATCH", pathOf(id), { title });
	}

	async members(id: string): Promise<readonly Member[]> {
		const { members } = (await this.#ask("GET", `${pathOf(id)}/members`)) as {
			readonly members: readonly Member[];
		};
		return members;
	}

	async setRole(id: string, userId: string, role: Role): Promise<void> {
		await this.#ask("PUT", memberPath(id, userId), { role });
	}

	async removeMember(id: string, userId: string): Promise<void> {
		await this.#ask("DELETE", memberPath(id, userId));
	}

	async #ask(method: string, path: string, body?: object): Promise<unknown> {
		const token =
			"token" in this.#access
				? this.#access.token
				: await this.#access.getToken().catch(() => {
						throw new ApiError("UNREACHABLE", UNREACHABLE);
					});
		const response = await fetch(path, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				...(body === undefined ? {} : { "content-type": "application/json" }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		}).catch(() => {
			throw new ApiError("UNREACHABLE", UNREACHABLE);
		});
		const answer: unknown = await response.json().catch(() => ({}));
		if (response.ok) return answer;
		const { code = "INTERNAL", message = "Something went wrong" } = answer as {
			readonly code?: string;
			readonly message?: string;
		};
		throw new ApiError(code, message);
	}
}

const pathOf = (id: string): string =>
	`/api/documents/${encodeURIComponent(id)}`;
const memberPath = (id: string, userId: string): string =>
	`${pathOf(id)}/members/${encodeURIComponent(userId)}`;
