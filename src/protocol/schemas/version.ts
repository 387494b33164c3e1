import { count, docId, optional, userId } from "./common.ts";

const lax = { $$strict: "remove" } as const;

const VERSION_CHARS = 64;
const CHANGELOG_CHARS = 10_000;

interface RuleError {
	readonly type: string;
}

/** A semantic version; whether it is one is for the service to say. */
const version = { type: "string", min: 1, max: VERSION_CHARS } as const;

/** Text that every database keeps as it is. */
const changelog = {
	type: "string",
	max: CHANGELOG_CHARS,
	custom: (value: unknown, errors: RuleError[]) => {
		if (
			typeof value === "string" &&
			(!value.isWellFormed() || value.includes("\0"))
		)
			errors.push({ type: "text" });
		return value;
	},
} as const;

export const BUMPS = ["major", "minor", "patch"] as const;

/** Without `bump` and `version`: the next minor one. */
export const versionCreate = {
	...lax,
	prdId: docId,
	bump: { type: "enum", values: BUMPS, optional: true },
	version: optional(version),
	changelog: optional(changelog),
} as const;

/** `before`: the last version of the answer that it leads on from. */
export const versionList = {
	...lax,
	prdId: docId,
	before: optional(version),
} as const;

export const versionNamed = { ...lax, prdId: docId, version } as const;

/** `head` is the text as it is now; `to` is that when it is absent. */
export const versionDiff = {
	...lax,
	prdId: docId,
	from: version,
	to: optional(version),
} as const;

export const versionUpdate = {
	...lax,
	prdId: docId,
	version,
	changelog,
} as const;

const person = {
	type: "object",
	props: { id: userId, name: "string" },
} as const;

const about = {
	prdId: docId,
	version: "string",
	changelog: "string",
	author: person,
	/** Of the git commit, 40 hex digits. */
	commitHash: "string",
	createdAt: "string",
	/** Of the document that it was made of. */
	revision: count,
} as const;

export const versionCreated = about;

export const versionUpdated = {
	...about,
	updatedBy: person,
	updatedAt: "string",
} as const;

/** `revision`: of the document, at which the text stands now. */
export const versionRestored = {
	prdId: docId,
	version: "string",
	revision: count,
	restoredBy: person,
	restoredAt: "string",
} as const;

/** Newest first. */
export const versionListed = {
	versions: { type: "array", items: { type: "object", props: about } },
	/** There are more: ask for those before it. */
	nextBefore: optional({ type: "string" } as const),
} as const;

const range = { position: count, length: count } as const;

/** Positions in the unit of the session. */
export const versionGot = {
	...about,
	content: "string",
	attributes: {
		type: "array",
		items: {
			type: "object",
			props: { ...range, attributes: { type: "object" } },
		},
	},
	/** Who wrote what; absent where the history does not reach back far enough. */
	authors: {
		type: "array",
		optional: true,
		items: { type: "object", props: { ...range, userId } },
	},
} as const;

const piece = {
	type: "object",
	props: {
		type: { type: "enum", values: ["retain", "delete", "insert"] },
		content: "string",
	},
} as const;
const stretch = {
	type: "object",
	props: { line: count, lines: count },
} as const;

/** `inserted` and `deleted` count lines. A hunk tells the same stretch by lines and by words. */
export const versionCompared = {
	prdId: docId,
	from: "string",
	to: "string",
	inserted: count,
	deleted: count,
	hunks: {
		type: "array",
		items: {
			type: "object",
			props: {
				from: stretch,
				to: stretch,
				lines: { type: "array", items: piece },
				words: { type: "array", items: piece },
			},
		},
	},
} as const;
