/** The thread that owns the one write connection of an SQLite database. */
import { parentPort, workerData } from "node:worker_threads";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { FlushCommit } from "./sqlite-commit.ts";
import { plainError } from "./sqlite-errors.ts";
import type {
	InForce,
	Statement,
	StatementResult,
	WriterReply,
	WriterRequest,
	WriterSettings,
} from "./sqlite-messages.ts";
import { StatementCache } from "./statement-cache.ts";

/** "prdt": marks the file as ours. */
const APPLICATION_ID = 0x70726474;
const LEVELS = ["OFF", "NORMAL", "FULL", "EXTRA"];

function openWriter({ file, synchronous }: WriterSettings): Database {
	const db = new SqliteDatabase(file);
	db.pragma("busy_timeout = 5000");
	db.pragma("journal_mode = WAL");
	db.pragma(`synchronous = ${synchronous}`);
	db.pragma("wal_autocheckpoint = 4000");
	db.pragma("foreign_keys = ON");
	return db;
}

/** A WAL database may fall back to its compiled-in level at the first write: so write, and only then read. */
function readBack(db: Database): InForce {
	db.pragma(`application_id = ${APPLICATION_ID}`);
	const level = Number(db.pragma("synchronous", { simple: true }));
	return {
		synchronous: LEVELS[level] ?? String(level),
		journal_mode: String(db.pragma("journal_mode", { simple: true })),
	};
}

function run(
	statements: StatementCache,
	{ sql, parameters }: Statement,
): StatementResult {
	const statement = statements.get(sql);
	if (statement.reader)
		return { rows: statement.all(...parameters), changes: 0, insertId: 0 };
	const { changes, lastInsertRowid } = statement.run(...parameters);
	return { rows: [], changes, insertId: Number(lastInsertRowid) };
}

type BatchRequest = Extract<WriterRequest, { readonly kind: "batch" }>;

const prepareBatch = (db: Database, statements: StatementCache) =>
	db.transaction(({ steps }: BatchRequest): readonly number[] => {
		const changes: number[] = [];
		for (const step of steps) {
			const result = run(statements, step);
			changes.push(result.changes);
			if (step.required && result.changes === 0) break;
		}
		return changes;
	}).immediate;

/** Answers requests on one connection. */
function prepareAnswers(db: Database): (request: WriterRequest) => unknown {
	const statements = new StatementCache(db);
	const commit = new FlushCommit(db);
	const batch = prepareBatch(db, statements);
	return (request) => {
		switch (request.kind) {
			case "run":
				return run(statements, request.statement);
			case "batch":
				return batch(request);
			case "commit":
				return commit.run(request.flush);
			case "close":
				db.close();
				return null;
		}
	};
}

function reply(id: number, make: () => unknown): void {
	let answer: WriterReply;
	try {
		answer = { id, value: make() };
	} catch (error) {
		answer = { id, error: plainError(error) };
	}
	parentPort?.postMessage(answer);
}

const writer = openWriter(workerData as WriterSettings);
const answer = prepareAnswers(writer);
reply(0, () => readBack(writer));
parentPort?.on(
	"message",
	({ id, request }: { id: number; request: WriterRequest }) => {
		reply(id, () => answer(request));
		if (request.kind === "close") parentPort?.close();
	},
);
