import * as fs from "node:fs";
import pRetry from "p-retry";
import type { DocId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import { BRANCH, safeNameOf } from "./git-folder.ts";
import type { GitRemote } from "./git-projection.ts";

/** How long a remote may be away: the waits between attempts double up to a minute. */
const PATIENCE = { retries: 20, firstWaitMs: 1_000 };
const LONGEST_WAIT_MS = 60_000;

/** Where a reference of the document's repository stands in the remote one, which holds all documents. */
const remoteRefOf = (docId: DocId, ref: string): string =>
	ref === `refs/heads/${BRANCH}`
		? `refs/heads/${safeNameOf(docId)}`
		: ref.replace("refs/tags/", `refs/tags/${safeNameOf(docId)}/`);

/** One git repository elsewhere, over HTTP: each document is a branch of it, each version a tag below its name. */
export class HttpRemote implements GitRemote {
	readonly #url: string;
	readonly #logger: Logger;
	readonly #patience: typeof PATIENCE;
	readonly #closing = new AbortController();
	/** Documents under way; true: once more when that is done. */
	readonly #pushing = new Map<DocId, boolean>();

	/** @param url with its user and password, if it takes them */
	constructor(url: string, logger: Logger, patience = PATIENCE) {
		this.#url = url;
		this.#logger = logger;
		this.#patience = patience;
	}

	/** One push of a document at a time, or an older one could come later. */
	async push(docId: DocId, path: string): Promise<void> {
		if (this.#pushing.has(docId)) {
			this.#pushing.set(docId, true);
			return;
		}
		for (let again = true; again; again = this.#pushing.get(docId) === true) {
			this.#pushing.set(docId, false);
			await this.#persist(docId, path);
		}
		this.#pushing.delete(docId);
	}

	close(): void {
		this.#closing.abort();
	}

	async #persist(docId: DocId, path: string): Promise<void> {
		const { signal } = this.#closing;
		try {
			await pRetry(() => this.#pushMissing(docId, path), {
				retries: this.#patience.retries,
				minTimeout: this.#patience.firstWaitMs,
				maxTimeout: LONGEST_WAIT_MS,
				randomize: true,
				unref: true,
				signal,
			});
		} catch (error) {
			// Of what git says only the name: the rest may hold the password.
			const { name } = error as Error;
			if (!signal.aborted)
				this.#logger.error(
					{ prdId: docId, reason: name },
					"the git remote does not take a document's versions",
				);
		}
	}

	async #pushMissing(docId: DocId, path: string): Promise<void> {
		const git = await import("isomorphic-git");
		const { default: http } = await import("isomorphic-git/http/node");
		const local = { fs, gitdir: path };
		const remote = { http, url: this.#url };
		const there = new Map(
			(
				await git.listServerRefs({ ...remote, forPush: true, prefix: "refs/" })
			).map(({ ref, oid }) => [ref, oid]),
		);
		const tags = await git.listTags(local);
		for (const ref of [
			`refs/heads/${BRANCH}`,
			...tags.map((tag) => `refs/tags/${tag}`),
		]) {
			const remoteRef = remoteRefOf(docId, ref);
			const oid = await git.resolveRef({ ...local, ref });
			if (there.get(remoteRef) === oid) continue;
			const where = { ref, remoteRef, force: true };
			await git.push({ ...local, ...remote, ...where });
		}
	}
}
