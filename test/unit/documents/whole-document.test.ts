import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openStores } from "../../../src/db/open-stores.ts";
import { DocumentDirectory } from "../../../src/documents/document-directory.ts";
import type { CommitGroup } from "../../../src/documents/op-log.ts";
import type {
	Submission,
	SubmissionResult,
} from "../../../src/protocol/submission.ts";
import type {
	DocId,
	OpId,
	ReplicaId,
	SessionId,
	UserId,
} from "../../../src/shared/ids.ts";
import { DEFAULT_LIMITS, type Limits } from "../../../src/shared/limits.ts";
import { SILENT } from "../../../src/shared/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { createSqlite } from "../../support/sqlite.ts";

const DOC = "d1" as DocId;
const ANN = "ann" as UserId;

type Stores = Awaited<ReturnType<typeof openStores>>;

let stores: Stores;
let clock: ManualClock;
/** Every flush that reached the log. */
let flushes: (readonly CommitGroup[])[];
let end: () => Promise<void>;

beforeEach(async () => {
	const { config, remove } = await createSqlite();
	clock = new ManualClock();
	let ids = 0;
	stores = await openStores(config, {
		clock,
		newId: () => `id-${++ids}`,
		onFatal: () => {},
	});
	flushes = [];
	end = async () => {
		await stores.close();
		remove();
	};
	await makeRoom();
});
afterEach(() => end());

const makeRoom = () =>
	stores.rooms.create(
		{
			roomId: DOC,
			kind: "document",
			title: "T",
			visibility: "private",
			metadata: {},
			createdAtMs: 0,
		},
		ANN,
	);

/** An owner of documents; several share the database. */
function owner(limits: Partial<Limits> = {}): DocumentDirectory {
	const { opLog, snapshots } = stores;
	const log = Object.create(opLog, {
		commit: {
			value: (groups: readonly CommitGroup[]) => {
				flushes.push(groups);
				return opLog.commit(groups);
			},
		},
	}) as typeof opLog;
	// Private members are reached through the real object alone.
	for (const name of [
		"open",
		"find",
		"openWriter",
		"findWriter",
		"since",
		"settleHead",
		"heads",
		"findByOpId",
	] as const)
		Object.assign(log, { [name]: opLog[name].bind(opLog) });
	return new DocumentDirectory({
		log,
		snapshots,
		publish: () => {},
		limits: { ...DEFAULT_LIMITS, ...limits },
		clock,
		logger: SILENT,
	});
}

const erase = (directory: DocumentDirectory): Promise<void> =>
	directory.erase(DOC, async () => {
		await stores.eraser.erase(DOC);
	});

function edit(sessionId: string, seq: number, text = `${seq};`): Submission {
	return {
		docId: DOC,
		sessionId: sessionId as SessionId,
		userId: ANN,
		replicaId: "ann" as ReplicaId,
		joinedRev: 0,
		fence: 0,
		seq,
		settled: 0,
		opId: `${sessionId}:${seq}` as OpId,
		revision: 0,
		edit: { form: "native", op: [text], marks: [] },
	};
}

const join = (directory: DocumentDirectory, sessionId: string) =>
	directory.join({
		docId: DOC,
		sessionId: sessionId as SessionId,
		userId: ANN,
	});

const codeOf = (result: SubmissionResult): string =>
	result.outcome === "refused" ? result.error.code : result.outcome;

const textOf = async (directory: DocumentDirectory) =>
	(await directory.read(DOC)).text;

describe("deleting a document at its owner", () => {
	it("[DOC-23] what came before is committed before it, what comes behind it is NOT_FOUND", async () => {
		const directory = owner();
		await join(directory, "session-1");
		const before = directory.submit([edit("session-1", 1)]);
		const erased = erase(directory);
		const behind = directory.submit([
			edit("session-1", 2),
			edit("session-2", 1),
		]);
		expect((await before).map(codeOf)).toEqual(["committed"]);
		await erased;
		expect((await behind).map(codeOf)).toEqual(["NOT_FOUND", "NOT_FOUND"]);
		expect(await stores.opLog.find(DOC)).toBeUndefined();
		await expect(directory.read(DOC)).rejects.toMatchObject({
			code: "NOT_FOUND",
		});
		await expect(join(directory, "session-3")).rejects.toMatchObject({
			code: "NOT_FOUND",
		});
	});

	it("[DOC-23] sessions of a deleted document write nothing into one that is made later under its id", async () => {
		const directory = owner();
		const old = await join(directory, "session-1");
		await directory.submit([edit("session-1", 1)]);
		await erase(directory);
		await makeRoom();
		expect((await join(directory, "session-2")).epoch).not.toBe(old.epoch);
		const results = await directory.submit([
			edit("session-1", 2, "old"),
			edit("session-2", 1, "new"),
		]);
		expect(results.map(codeOf)).toEqual(["NOT_FOUND", "committed"]);
		expect(await textOf(directory)).toBe("new");
		await join(directory, "session-1");
		const again = await directory.submit([edit("session-1", 1, "again ")]);
		expect(again.map(codeOf)).toEqual(["committed"]);
	});

	it("[DOC-23] another owner that still has it in memory neither commits to it nor tells of it", async () => {
		const [here, there] = [owner(), owner()];
		await join(there, "session-1");
		await there.submit([edit("session-1", 1)]);
		await erase(here);
		await expect(there.read(DOC)).rejects.toMatchObject({ code: "NOT_FOUND" });
		const late = await there.submit([edit("session-1", 2)]);
		expect(late.map(codeOf)).toEqual(["NOT_FOUND"]);
	});

	it("[DOC-23] nor does it play what was lost on a document made later under its id", async () => {
		const [here, there] = [owner(), owner()];
		await join(there, "session-1");
		await there.submit([edit("session-1", 1)]);
		await erase(here);
		await makeRoom();
		await join(here, "session-2");
		await here.submit([edit("session-2", 1, "new")]);
		await here.submit([edit("session-2", 2, "er ")]);
		const late = await there.submit([edit("session-1", 2)]);
		expect(late.map(codeOf)).toEqual(["NOT_FOUND"]);
		expect(await textOf(there)).toBe(await textOf(here));
	});

	it("[DOC-23] a deletion that fails leaves the document as it is", async () => {
		const directory = owner();
		await join(directory, "session-1");
		await directory.submit([edit("session-1", 1, "kept")]);
		const failed = directory.erase(DOC, async () => {
			throw new Error("no disk");
		});
		await expect(failed).rejects.toThrow("no disk");
		expect(await textOf(directory)).toBe("kept");
		const next = {
			...edit("session-1", 2, "and "),
			settled: 1,
			revision: 1,
		};
		const more = await directory.submit([next]);
		expect(more.map(codeOf)).toEqual(["committed"]);
	});
});

describe("importing a text", () => {
	const ann = (session: string) => ({
		docId: DOC,
		userId: ANN,
		sessionId: session as SessionId,
		revision: 0,
	});

	it("[DOC-24] commits all of it in one transaction, however long", async () => {
		const directory = owner({ insertCodePoints: 1 });
		const text = "📐b".repeat(350);
		await directory.importText(ann("s_import_1"), text);
		expect(await textOf(directory)).toBe(text);
		expect(
			flushes.map((groups) => groups.map(({ rows }) => rows.length)),
		).toEqual([[700]]);
	});

	it("[DOC-24] also beside other edits, which fill the rest of a transaction", async () => {
		const directory = owner({ insertCodePoints: 1 });
		await join(directory, "session-1");
		const edits = Array.from({ length: 64 }, (_, i) =>
			edit("session-1", i + 1, "x"),
		);
		const submitted = directory.submit(edits);
		const imported = directory.importText(ann("s_import_1"), "y".repeat(480));
		expect((await submitted).every((r) => r.outcome === "committed")).toBe(
			true,
		);
		await imported;
		const sizes = flushes.flatMap((groups) =>
			groups.map(({ rows }) => rows.length),
		);
		expect(sizes).toEqual([64, 480]);
	});

	it("[DOC-24] merges with what somebody has typed meanwhile", async () => {
		const directory = owner({ insertCodePoints: 2 });
		await join(directory, "session-1");
		await directory.submit([edit("session-1", 1, "typed")]);
		await directory.importText(ann("s_import_1"), "a\r\nbcd\re");
		const { text, revision } = await directory.read(DOC);
		expect(["a\nbcd\netyped", "typeda\nbcd\ne"]).toContain(text);
		expect(revision).toBe(5);
	});

	it("[DOC-24] a text over the document's limit is refused, and nothing comes of an empty one", async () => {
		const directory = owner({ documentBytes: 10 });
		const over = directory.importText(ann("s_import_1"), "x".repeat(11));
		await expect(over).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
		await directory.importText(ann("s_import_2"), "");
		expect((await directory.read(DOC)).revision).toBe(0);
	});
});
