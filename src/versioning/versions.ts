import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import { Authorship } from "./authorship.ts";
import { type Comparison, compare } from "./comparison.ts";
import { commitOf, treeOf } from "./git-objects.ts";
import { checkName, type NextName, nextName, takenName } from "./naming.ts";
import type {
	Author,
	AuthorRun,
	StoredVersion,
	Version,
	VersionContent,
} from "./version.ts";
import type { VersionDocuments } from "./version-documents.ts";
import type { VersionStore } from "./version-store.ts";

/** The text as it is now, in the place of a version's name. */
export const HEAD = "head";
/** Versions in one answer to `list`. */
export const LISTED = 100;

export interface NewVersion extends NextName {
	readonly docId: DocId;
	readonly author: Author;
	readonly changelog?: string;
}

interface Named {
	readonly docId: DocId;
	readonly version: string;
}

/** The versions of documents: made, listed, compared, gone back to. Who may do so has been checked before. */
export class Versions {
	readonly #store: VersionStore;
	readonly #documents: VersionDocuments;
	readonly #clock: Pick<Clock, "nowMs">;

	constructor(
		store: VersionStore,
		documents: VersionDocuments,
		clock: Pick<Clock, "nowMs">,
	) {
		this.#store = store;
		this.#documents = documents;
		this.#clock = clock;
	}

	/**
	 * Makes a version of the text as it is on disk. Throws like `nextName`; of two made at once the one that comes later
	 * is `ALREADY_EXISTS`.
	 */
	async create(request: NewVersion): Promise<Version> {
		const { docId, author, changelog = "" } = request;
		const latest = await this.#store.latest(docId);
		const version = nextName(latest?.version, request);
		const { text, runs, revision } = await this.#documents.read(docId);
		const made = versionOf(
			{
				docId,
				version,
				number: (latest?.number ?? 0) + 1,
				revision,
				changelog,
				author,
				createdAtMs: this.#clock.nowMs(),
				parent: latest?.commitHash,
			},
			{ text, runs },
		);
		if (await this.#store.add(made, latest?.version)) return made;
		const newer = await this.#store.latest(docId);
		if (newer === undefined)
			throw new CollabError("NOT_FOUND", "There is no such document");
		throw takenName(version, newer.version);
	}

	/** Newest first; `before` leads on from the last one of an answer. */
	async list(docId: DocId, before?: string): Promise<readonly Version[]> {
		if (before === undefined) return this.#store.list(docId, LISTED);
		const { number } = await this.#stored({ docId, version: before });
		return this.#store.list(docId, LISTED, number);
	}

	/** A version with its content, and who wrote what of it; undefined where the log does not tell any more. */
	async get(
		named: Named,
	): Promise<
		StoredVersion & { readonly authors: readonly AuthorRun[] | undefined }
	> {
		const version = await this.#stored(named);
		return { ...version, authors: await this.#authorsOf(version) };
	}

	/** Between two versions, or a version and the text as it is now. */
	async diff(docId: DocId, from: string, to: string): Promise<Comparison> {
		const [before, after] = await Promise.all(
			[from, to].map((version) => this.#content({ docId, version })),
		);
		return compare(before?.text ?? "", after?.text ?? "");
	}

	/** Makes the text what it was, on top of all that has come since. @returns the revision that it stands at */
	async restore({
		docId,
		version,
		userId,
	}: Named & { readonly userId: UserId }): Promise<number> {
		const { text, runs } = await this.#stored({ docId, version });
		return this.#documents.replace({ docId, userId, text, runs });
	}

	/** Puts a changelog right; the commit keeps what was said first. */
	async update({ docId, version }: Named, changelog: string): Promise<Version> {
		checkName(version);
		return (
			(await this.#store.setChangelog(docId, version, changelog)) ??
			missing(version)
		);
	}

	async #stored({ docId, version }: Named): Promise<StoredVersion> {
		checkName(version);
		return (await this.#store.find(docId, version)) ?? missing(version);
	}

	#content(named: Named): Promise<VersionContent> {
		return named.version === HEAD
			? this.#documents.read(named.docId)
			: this.#stored(named);
	}

	/** Goes on from the newest version before of which it is known, and keeps what it finds. */
	async #authorsOf({
		docId,
		number,
		revision,
	}: Version): Promise<readonly AuthorRun[] | undefined> {
		const known = await this.#store.findAuthors(docId, number);
		if (known?.number === number) return known.authors;
		const authorship = new Authorship(known?.authors);
		let rev = known?.revision ?? 0;
		for await (const { op, userId, rev: next } of this.#documents.opsBetween(
			docId,
			rev,
			revision,
		)) {
			if (next !== rev + 1) return undefined;
			authorship.apply(op.t, userId);
			rev = next;
		}
		if (rev !== revision) return undefined;
		const { runs } = authorship;
		await this.#store.setAuthors(docId, number, runs);
		return runs;
	}
}

/** With the hashes that git gives it. */
function versionOf(
	about: Omit<
		StoredVersion,
		"commitHash" | "tree" | "message" | "text" | "runs"
	>,
	content: VersionContent,
): StoredVersion {
	const tree = treeOf(about.docId, content).tree.oid;
	const message = about.changelog || `Version ${about.version}`;
	const fields = { ...about, tree, message };
	return { ...fields, ...content, commitHash: commitOf(fields).oid };
}

function missing(version: string): never {
	throw new CollabError("NOT_FOUND", "There is no such version", { version });
}
