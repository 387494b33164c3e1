import { CollabError } from "../protocol/errors.ts";
import type { DocId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import { Mailbox } from "../shared/mailbox.ts";
import { folderOf, GitFolder, removeOthers } from "./git-folder.ts";
import { commitOf, treeOf } from "./git-objects.ts";
import type { StoredVersion } from "./version.ts";
import type { VersionPlace, VersionStore } from "./version-store.ts";

/** Tasks that may wait for the disk. */
const MAILBOX_LIMIT = 10_000;
/** Versions with their texts, and places of documents, in memory at once. */
const BATCH = 5;
const PLACES = 500;

/** Sends a repository somewhere else. Never rejects. */
export interface GitRemote {
	push(docId: DocId, path: string): Promise<void>;
	close(): void;
}

/**
 * The git repositories of documents on this node: made of the versions, and made again wherever they are not what the
 * versions say. Never rejects: a version is there without its repository too.
 */
export class GitProjection {
	readonly #root: string;
	readonly #store: VersionStore;
	readonly #logger: Logger;
	readonly #remote: GitRemote | undefined;
	readonly #mailbox = new Mailbox(MAILBOX_LIMIT);
	#isClosed = false;

	/** @param root folder that holds them, and nothing else */
	constructor(
		root: string,
		ports: {
			readonly store: VersionStore;
			readonly logger: Logger;
			readonly remote?: GitRemote;
		},
	) {
		this.#root = root;
		this.#store = ports.store;
		this.#logger = ports.logger;
		this.#remote = ports.remote;
	}

	/** Brings a document's repository up to date; without versions it goes. */
	async follow(docId: DocId): Promise<void> {
		await this.#attempt(docId, () => this.#follow(docId));
	}

	/** Brings all of them up to date. */
	async followAll(): Promise<void> {
		const kept = new Set<string>();
		for await (const place of this.#places()) {
			if (this.#isClosed) return;
			kept.add(folderOf(place.docId));
			await this.#attempt(place.docId, () => this.#catchUp(place));
		}
		await this.#attempt(undefined, () => removeOthers(this.#root, kept));
	}

	/** Finishes the one that it is at. */
	async close(): Promise<void> {
		this.#isClosed = true;
		this.#remote?.close();
		await this.#mailbox.run(() => {});
	}

	async #follow(docId: DocId): Promise<void> {
		const latest = await this.#store.latest(docId);
		if (latest === undefined) return new GitFolder(this.#root, docId).remove();
		await this.#catchUp(latest);
	}

	async #catchUp({ docId, number, commitHash }: VersionPlace): Promise<void> {
		const folder = new GitFolder(this.#root, docId);
		const head = await folder.head();
		if (head !== commitHash) {
			const since = await this.#numberOf(docId, number, head);
			if (since === 0) await folder.remove();
			await folder.append(this.#versions(docId, since));
		}
		void this.#remote?.push(docId, folder.path);
	}

	/** Where the repository stands; 0 when it is none of ours. */
	async #numberOf(
		docId: DocId,
		latest: number,
		head: string | undefined,
	): Promise<number> {
		for (let below = latest + 1; head !== undefined && below > 1; ) {
			const page = await this.#store.list(docId, PLACES, below);
			const found = page.find(({ commitHash }) => commitHash === head);
			if (found !== undefined) return found.number;
			below = page.at(-1)?.number ?? 0;
		}
		return 0;
	}

	async *#versions(docId: DocId, since: number) {
		for (let after = since; ; ) {
			const batch = await this.#store.listStored(docId, after, BATCH);
			for (const version of batch) checkCommit(version);
			yield batch;
			const last = batch.at(-1);
			if (last === undefined || batch.length < BATCH) return;
			after = last.number;
		}
	}

	async *#places() {
		for (let after: DocId | undefined; ; ) {
			const page = await this.#store.listLatest(PLACES, after);
			yield* page;
			after = page.at(-1)?.docId;
			if (page.length < PLACES) return;
		}
	}

	/** One at a time: there is one disk, and nobody waits for it. */
	async #attempt(
		docId: DocId | undefined,
		task: () => Promise<void>,
	): Promise<void> {
		try {
			await this.#mailbox.run(async () => {
				if (!this.#isClosed) await task();
			});
		} catch (err) {
			this.#logger.error({ prdId: docId, err }, "a git repository is behind");
		}
	}
}

/** A repository says exactly what was told of its version, or nothing. */
function checkCommit(version: StoredVersion): void {
	const tree = treeOf(version.docId, version).tree.oid;
	if (tree === version.tree && commitOf(version).oid === version.commitHash)
		return;
	throw new CollabError("INTERNAL", "A stored version is damaged", {
		reason: "corrupt",
		version: version.version,
	});
}
