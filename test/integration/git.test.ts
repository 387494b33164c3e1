import {
	existsSync,
	mkdirSync,
	readdirSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlDocumentEraser } from "../../src/db/sql-document-eraser.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import { SqlVersionStore } from "../../src/db/sql-version-store.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import type { Logger } from "../../src/shared/logger.ts";
import { folderOf } from "../../src/versioning/git-folder.ts";
import { GitProjection } from "../../src/versioning/git-projection.ts";
import { HttpRemote } from "../../src/versioning/http-remote.ts";
import type {
	StoredVersion,
	VersionContent,
} from "../../src/versioning/version.ts";
import { filesIn, git } from "../support/git.ts";
import { GitHttpServer } from "../support/git-http-server.ts";
import { createDataDir, createSqlite } from "../support/sqlite.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { plainContent, storedVersion } from "../support/versions.ts";

const folder = createDataDir();
let made: TestDatabase;
let database: Database;
let store: SqlVersionStore;
const errors: unknown[] = [];
const log: Logger = {
	info: () => {},
	warn: () => {},
	error: (fields) => errors.push(fields),
};
let roots = 0;

beforeAll(async () => {
	made = await createSqlite();
	database = await openDatabase(made.config);
	store = new SqlVersionStore(database);
});
afterAll(async () => {
	await database.close();
	made.remove();
	folder.remove();
});

async function newDocument(docId: string): Promise<DocId> {
	const room = {
		roomId: docId as DocId,
		kind: "document",
		title: docId,
		visibility: "private",
		metadata: {},
		createdAtMs: 0,
	} as const;
	await new SqlRoomStore(database).create(room, "ann" as UserId);
	return docId as DocId;
}

/** Adds a version behind those that are there. */
async function release(
	docId: DocId,
	version: string,
	content: VersionContent,
	rest: Partial<StoredVersion> = {},
): Promise<StoredVersion> {
	const latest = await store.latest(docId);
	const before = latest && (await store.find(docId, latest.version));
	const stored = storedVersion(docId, version, content, {
		...(before && { before }),
		...rest,
	});
	expect(await store.add(stored, latest?.version)).toBe(true);
	return stored;
}

/** The repositories of one node. */
function projection(root = join(folder.path, `git-${++roots}`)) {
	return { root, git: new GitProjection(root, { store, logger: log }) };
}

const FIVE = ["1.0.0", "1.0.1", "1.1.0", "2.0.0-rc.1", "2.0.0"] as const;

async function fiveVersions(name: string) {
	const docId = await newDocument(name);
	const versions: StoredVersion[] = [];
	for (const [n, version] of FIVE.entries())
		versions.push(
			await release(docId, version, plainContent(`# PRD\n\nText ${n} 📐\n`)),
		);
	const node = projection();
	await node.git.follow(docId);
	return { docId, versions, ...node, path: join(node.root, folderOf(docId)) };
}

describe("the git repository of a document", () => {
	it("[VERSION-4] stock git reads five versions from it: log, show, tags, fsck and a clone", async () => {
		const { versions, path, docId, root } = await fiveVersions("prd_five");
		expect(await git(path, "fsck", "--strict", "--full")).toBe("");
		const lines = await git(path, "log", "--format=%H|%P|%an|%ae|%aI|%s");
		expect(lines.trim().split("\n")).toEqual(
			versions
				.map(
					({ commitHash, parent, version }, n) =>
						`${commitHash}|${parent ?? ""}|John Doe|user_123@prdtool.invalid|2024-01-26T10:30:0${n + 1}+00:00|What is new in ${version}`,
				)
				.reverse(),
		);
		for (const [n, { version }] of versions.entries())
			expect(await git(path, "show", `v${version}:${docId}.md`)).toBe(
				`# PRD\n\nText ${n} 📐\n`,
			);
		const patch = await git(path, "show", "v1.0.1");
		expect(patch).toContain("\n-Text 0 📐\n+Text 1 📐\n");
		await git(root, "clone", "--quiet", path, "clone");
		expect(readdirSync(join(root, "clone")).sort()).toEqual([
			".git",
			"prd_five.md",
		]);
		expect((await git(path, "tag")).trim().split("\n").sort()).toEqual(
			FIVE.map((version) => `v${version}`).sort(),
		);
	}, 60_000);

	it("[VERSION-4] git itself gives the same content the same hash", async () => {
		const docId = await newDocument("prd_hash");
		const content = {
			text: "bold 📐 plain",
			runs: [
				{ n: 6, a: { bold: true } },
				{ n: 6, a: {} },
			],
		};
		const { commitHash, tree } = await release(docId, "0.1.0", content, {
			changelog: "",
		});
		const { root, git: repositories } = projection();
		await repositories.follow(docId);
		const path = join(root, folderOf(docId));
		const work = join(root, "work");
		await git(root, "clone", "--quiet", path, work);
		expect(
			JSON.parse(await git(path, "show", "main:prd_hash.attributes.json")),
		).toEqual([{ position: 0, length: 7, attributes: { bold: true } }]);
		await git(work, "checkout", "--quiet", "--orphan", "again");
		await git(work, "add", "--all");
		expect((await git(work, "write-tree")).trim()).toBe(tree);
		const settings = {
			"user.name": "John Doe",
			"user.email": "user_123@prdtool.invalid",
		};
		const date = "@1706265001 +0000";
		const message = ["--quiet", "--message=Version 0.1.0"];
		await git(
			work,
			...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`]),
			...["commit", `--date=${date}`, ...message],
		);
		// The committer's time is git's own to choose here: it is put right before the hash is taken.
		const commit = await git(work, "cat-file", "commit", "HEAD");
		const same = commit.replace(/^(committer .*> ).*$/m, "$11706265001 +0000");
		writeFileSync(join(work, "commit"), same);
		const hash = await git(work, "hash-object", "-t", "commit", "commit");
		expect(hash.trim()).toBe(commitHash);
	}, 60_000);

	it("[VERSION-4] odd names, ids and changelogs make no odd commits", async () => {
		const docId = await newDocument("Odd:Id.x-1_");
		const names = [
			{ id: "a<b>@c d\u00e9", name: "<x>\n\u0000y" },
			{ id: "user_1", name: "" },
			{ id: "📐", name: 'Ünï 📐 "quoted" O\'Neil' },
		];
		for (const [n, { id, name }] of names.entries())
			await release(docId, `1.${n}.0`, plainContent(n === 1 ? "" : "x"), {
				author: { id: id as UserId, name: name.replace("\u0000", "") },
				changelog: ["--all\n\n# comment\n", "\n\n", "\r\n.\nFrom x"][n] ?? "",
			});
		const { root, git: repositories } = projection();
		await repositories.follow(docId);
		const path = join(root, folderOf(docId));
		expect(await git(path, "fsck", "--strict", "--full")).toBe("");
		expect(
			(await git(path, "log", "--format=%an|%ae")).trim().split("\n"),
		).toEqual([
			'Ünï 📐 "quoted" O\'Neil|%F0%9F%93%90@prdtool.invalid',
			"?|user_1@prdtool.invalid",
			"x  y|a%3Cb%3E%40c%20d%C3%A9@prdtool.invalid",
		]);
		expect((await git(path, "ls-tree", "--name-only", "main")).trim()).toBe(
			"Odd_Id.x-1_.md",
		);
	}, 60_000);

	it("[VERSION-5] is rebuilt bit by bit: on another node, after it was removed, and version by version", async () => {
		const { docId, git: repositories, path } = await fiveVersions("prd_again");
		const first = filesIn(path);
		expect(Object.keys(first).length).toBeGreaterThan(20);
		rmSync(path, { recursive: true });
		await repositories.follow(docId);
		expect(filesIn(path)).toEqual(first);
		const stepwise = projection();
		const slow = await newDocument("prd_slow");
		for (const version of FIVE) {
			await release(slow, version, plainContent(version));
			await stepwise.git.follow(slow);
		}
		const whole = projection();
		await whole.git.followAll();
		expect(filesIn(join(whole.root, folderOf(slow)))).toEqual(
			filesIn(join(stepwise.root, folderOf(slow))),
		);
		expect(filesIn(join(whole.root, folderOf(docId)))).toEqual(first);
	}, 60_000);

	it("[VERSION-6] what was not finished, is foreign or unreadable is made anew", async () => {
		const { docId, git: repositories, path } = await fiveVersions("prd_broken");
		const whole = filesIn(path);
		const [object = ""] = Object.keys(whole).filter((name) =>
			/^objects\/..\//.test(name),
		);
		// As after the end of the process in the middle of a write.
		writeFileSync(join(path, "prdtool-unfinished"), "");
		rmSync(join(path, object));
		writeFileSync(join(path, object), "half");
		await repositories.follow(docId);
		expect(filesIn(path)).toEqual(whole);
		const main = join(path, "refs/heads/main");
		for (const content of ["", `${"0".repeat(40)}\n`, "ref: refs/heads/x\n"]) {
			writeFileSync(main, content);
			await repositories.follow(docId);
			expect(filesIn(path)).toEqual(whole);
		}
		rmSync(main);
		mkdirSync(main);
		await repositories.follow(docId);
		expect(filesIn(path)).toEqual(whole);
		expect(errors).toEqual([]);
	}, 60_000);

	it("[VERSION-6] one that another history has left behind follows the new one", async () => {
		const docId = await newDocument("prd_anew");
		await release(docId, "1.0.0", plainContent("old"));
		const { root, git: repositories } = projection();
		await repositories.follow(docId);
		await new SqlDocumentEraser(database).erase(docId);
		await newDocument("prd_anew");
		const made = await release(docId, "1.0.0", plainContent("new"));
		await repositories.follow(docId);
		const path = join(root, folderOf(docId));
		expect((await git(path, "log", "--all", "--format=%H")).trim()).toBe(
			made.commitHash,
		);
	}, 60_000);

	it("[VERSION-16] goes with its document, also when the node was down then", async () => {
		const { docId, git: repositories, root } = await fiveVersions("prd_gone");
		const other = await fiveVersions("prd_stays");
		await repositories.followAll();
		const paths = [docId, other.docId].map((id) => join(root, folderOf(id)));
		expect(paths.map(existsSync)).toEqual([true, true]);
		await new SqlDocumentEraser(database).erase(docId);
		const next = projection(root);
		await next.git.followAll();
		expect(paths.map(existsSync)).toEqual([false, true]);
		await new SqlDocumentEraser(database).erase(other.docId);
		await next.git.follow(other.docId);
		expect(paths.map(existsSync)).toEqual([false, false]);
	}, 60_000);

	it("[VERSION-4] documents whose ids differ in case or signs have folders of their own", () => {
		const ids = [
			"prd_a",
			"PRD_a",
			"prd:a",
			"prd.a",
			"prd-a",
			"prd_a.git",
			"prd..a",
			"prd_a.lock",
		];
		const names = ids.map((id) => folderOf(id as DocId).toLowerCase());
		expect(new Set(names).size).toBe(ids.length);
		expect(names[0]).toBe("prd_a.git");
	});

	it("[VERSION-5] a stored version that is not what its hash says is not told", async () => {
		const docId = await newDocument("prd_damaged");
		await release(docId, "1.0.0", plainContent("good"));
		await database.kysely
			.updateTable("versions")
			.set({ text: "bad!" })
			.where("doc_id", "=", docId)
			.execute();
		const { root, git: repositories } = projection();
		await repositories.follow(docId);
		expect(errors).toMatchObject([
			{ prdId: docId, err: { code: "INTERNAL", data: { reason: "corrupt" } } },
		]);
		errors.length = 0;
		const path = join(root, folderOf(docId));
		await expect(git(path, "rev-parse", "main")).rejects.toThrow();
	}, 60_000);
});

describe("the git remote", () => {
	it("[VERSION-17] gets every document as a branch and every version as a tag, however often it fails", async () => {
		const base = join(folder.path, "remote");
		mkdirSync(base);
		const server = await GitHttpServer.start(base, "all.git");
		const remote = new HttpRemote(server.url, log, {
			retries: 5,
			firstWaitMs: 1,
		});
		const root = join(folder.path, "pushing");
		const pushed: Promise<void>[] = [];
		const repositories = new GitProjection(root, {
			store,
			logger: log,
			remote: {
				push: async (docId, path) => {
					pushed.push(remote.push(docId, path));
				},
				close: () => remote.close(),
			},
		});
		const one = await newDocument("prd_pushed");
		const two = await newDocument("Prd:Pushed..too");
		server.failing = 3;
		const first = await release(one, "1.0.0", plainContent("1"));
		await release(two, "1.0.0", plainContent("two"));
		await repositories.follow(one);
		await repositories.follow(two);
		await Promise.all(pushed);
		const second = await release(one, "1.1.0", plainContent("2"));
		await repositories.follow(one);
		await Promise.all(pushed);
		const path = join(base, "all.git");
		expect(await git(path, "fsck", "--strict", "--full")).toBe("");
		const refs = await git(
			path,
			"for-each-ref",
			"--format=%(objectname) %(refname)",
		);
		expect(refs.trim().split("\n")).toEqual(
			expect.arrayContaining([
				`${second.commitHash} refs/heads/prd_pushed`,
				`${first.commitHash} refs/tags/prd_pushed/v1.0.0`,
				`${second.commitHash} refs/tags/prd_pushed/v1.1.0`,
				expect.stringMatching(/ refs\/heads\/Prd_Pushed__too\+[0-9a-f]{16}$/),
			]),
		);
		const asked = server.requests;
		await repositories.follow(one);
		await Promise.all(pushed);
		// Nothing was missing: the remote's references were read, and that was all.
		expect(server.requests - asked).toBeLessThanOrEqual(2);
		await repositories.close();
		await server.stop();
		expect(errors).toEqual([]);
	}, 60_000);

	it("[VERSION-17] one that never answers holds up nothing; its password is not logged", async () => {
		const base = join(folder.path, "dead");
		mkdirSync(base);
		const server = await GitHttpServer.start(base, "dead.git");
		server.failing = Number.POSITIVE_INFINITY;
		const remote = new HttpRemote(server.url, log, {
			retries: 2,
			firstWaitMs: 1,
		});
		const root = join(folder.path, "to-nowhere");
		const pushed: Promise<void>[] = [];
		const repositories = new GitProjection(root, {
			store,
			logger: log,
			remote: {
				push: async (docId, path) => {
					pushed.push(remote.push(docId, path));
				},
				close: () => remote.close(),
			},
		});
		const docId = await newDocument("prd_lost");
		await release(docId, "1.0.0", plainContent("1"));
		await repositories.follow(docId);
		expect(existsSync(join(root, "prd_lost.git", "HEAD"))).toBe(true);
		await Promise.all(pushed);
		expect(errors).toEqual([{ prdId: docId, reason: "HttpError" }]);
		expect(server.requests).toBe(3);
		errors.length = 0;
		await repositories.close();
		await server.stop();
	}, 60_000);
});
