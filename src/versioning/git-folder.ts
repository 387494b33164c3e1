import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DocId } from "../shared/ids.ts";
import { commitOf, type GitObject, treeOf } from "./git-objects.ts";
import type { StoredVersion } from "./version.ts";

export const BRANCH = "main";
const SUFFIX = ".git";
/** Stands in a repository while it is written: found there, an earlier process has not come to the end. */
const UNFINISHED = "prdtool-unfinished";

/** Ids that every file system tells from each other, and that may name a branch. */
const PLAIN = /^[a-z0-9][a-z0-9_.-]*$/;
const NO_BRANCH = /\.\.|\.$|\.lock$/;

/** What a document is called where ids are not enough; the odd ones get a hash behind a sign that no id has. */
export function safeNameOf(docId: DocId): string {
	if (PLAIN.test(docId) && !NO_BRANCH.test(docId)) return docId;
	const hash = createHash("sha256").update(docId).digest("hex").slice(0, 16);
	return `${docId.replace(/[^A-Za-z0-9_-]/g, "_")}+${hash}`;
}

/** The folder of a document's repository. */
export const folderOf = (docId: DocId): string =>
	`${safeNameOf(docId)}${SUFFIX}`;

/** Heavy, and needed by those alone who make versions. */
const library = () => import("isomorphic-git");

/** One document's bare git repository, which holds nothing that its versions do not say. */
export class GitFolder {
	readonly path: string;

	constructor(root: string, docId: DocId) {
		this.path = join(root, folderOf(docId));
	}

	/** The commit that its branch stands at; undefined when it has none, was not finished or cannot be read. */
	async head(): Promise<string | undefined> {
		if (fs.existsSync(join(this.path, UNFINISHED))) return undefined;
		const git = await library();
		const ref = `refs/heads/${BRANCH}`;
		return git
			.resolveRef({ fs, gitdir: this.path, ref })
			.catch(() => undefined);
	}

	/** Writes versions behind those that it holds, each with its tag. */
	async append(
		batches: AsyncIterable<readonly StoredVersion[]>,
	): Promise<void> {
		const unfinished = join(this.path, UNFINISHED);
		await mkdir(this.path, { recursive: true });
		await writeFile(unfinished, "");
		const git = await library();
		const gitdir = this.path;
		await git.init({ fs, bare: true, gitdir, defaultBranch: BRANCH });
		for await (const versions of batches)
			for (const version of versions) await this.#write(version);
		await rm(unfinished);
	}

	remove(): Promise<void> {
		return rm(this.path, { recursive: true, force: true });
	}

	async #write(version: StoredVersion): Promise<void> {
		const git = await library();
		const { tree, blobs } = treeOf(version.docId, version);
		const commit = commitOf(version);
		for (const object of [...blobs, tree, commit]) await this.#put(object);
		const at = { fs, gitdir: this.path, value: commit.oid, force: true };
		await git.writeRef({ ...at, ref: `refs/tags/v${version.version}` });
		await git.writeRef({ ...at, ref: `refs/heads/${BRANCH}` });
	}

	async #put({ type, body, oid }: GitObject): Promise<void> {
		const git = await library();
		const object = { type, object: body, oid, format: "content" } as const;
		await git.writeObject({ fs, gitdir: this.path, ...object });
	}
}

/** Removes folders of repositories that are not among `kept`. */
export async function removeOthers(
	root: string,
	kept: ReadonlySet<string>,
): Promise<void> {
	if (!fs.existsSync(root)) return;
	for (const name of await readdir(root))
		if (name.endsWith(SUFFIX) && !kept.has(name))
			await rm(join(root, name), { recursive: true, force: true });
}
