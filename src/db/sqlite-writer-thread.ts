import { Worker } from "node:worker_threads";
import { CollabError } from "../protocol/errors.ts";
import { databaseClosed } from "./database-closed.ts";
import { sqliteError } from "./sqlite-errors.ts";
import type {
	InForce,
	WriterAnswers,
	WriterReply,
	WriterRequest,
	WriterSettings,
} from "./sqlite-messages.ts";

interface Waiting {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: CollabError) => void;
}

/** Starts the thread that owns the write connection. */
export const startWriter = (settings: WriterSettings): Worker =>
	new Worker(
		new URL(
			import.meta.url.endsWith(".ts")
				? "./sqlite-writer.ts"
				: "./sqlite-writer.js",
			import.meta.url,
		),
		{ workerData: settings },
	);

/** This side of the writer thread: requests go out in order, each promise is its answer. */
export class WriterThread {
	readonly #worker: Worker;
	readonly #onFatal: (error: CollabError) => void;
	readonly #waiting = new Map<number, Waiting>();
	/** Settles once the connection is open and its settings have been read back. */
	readonly ready: Promise<InForce>;
	#lastId = 0;
	#opened = false;
	#ended: CollabError | undefined;

	/** @param onFatal told once when the thread has died without being asked to */
	constructor(worker: Worker, onFatal: (error: CollabError) => void) {
		this.#worker = worker;
		this.#onFatal = onFatal;
		this.ready = this.#wait(0) as Promise<InForce>;
		worker.on("message", (reply: WriterReply) => this.#settle(reply));
		worker.on("error", (cause) => this.#die(cause));
		worker.on("exit", () => this.#die(undefined));
	}

	/**
	 * Throws `UNAVAILABLE` when the thread has ended (the outcome of what was under way is unknown) or the disk fails,
	 * `INTERNAL` for what SQLite refuses.
	 */
	async ask<Kind extends WriterRequest["kind"]>(
		request: WriterRequest & { readonly kind: Kind },
	): Promise<WriterAnswers[Kind]> {
		if (this.#ended !== undefined) throw this.#ended;
		this.#lastId += 1;
		const answer = this.#wait(this.#lastId);
		this.#worker.postMessage({ id: this.#lastId, request });
		return (await answer) as WriterAnswers[Kind];
	}

	/** Ends the thread after everything that was asked before. */
	async close(): Promise<void> {
		if (this.#ended !== undefined) return;
		const closed = this.ask({ kind: "close" });
		this.#ended = databaseClosed();
		const exited = new Promise((resolve) => this.#worker.once("exit", resolve));
		await closed;
		await exited;
	}

	#wait(id: number): Promise<unknown> {
		const { promise, resolve, reject } = Promise.withResolvers<unknown>();
		this.#waiting.set(id, { resolve, reject });
		return promise;
	}

	#settle(reply: WriterReply): void {
		const waiting = this.#waiting.get(reply.id);
		this.#waiting.delete(reply.id);
		if ("error" in reply) waiting?.reject(sqliteError(reply.error));
		else {
			this.#opened = true;
			waiting?.resolve(reply.value);
		}
	}

	#die(cause: unknown): void {
		const asked = this.#ended !== undefined;
		const error = new CollabError(
			"UNAVAILABLE",
			"The database's writer has stopped",
			{ reason: "writer" },
			{ cause },
		);
		this.#ended ??= error;
		for (const { reject } of this.#waiting.values()) reject(error);
		this.#waiting.clear();
		// Before that, `ready` has told it.
		if (!asked && this.#opened) this.#onFatal(error);
	}
}
