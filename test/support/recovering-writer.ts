import { tokenFor } from "./product.ts";
import { connect, type Frame, type RawClient } from "./raw-client.ts";

/** Where a connection breaks; each comes by turns. */
const CUTS = [
	"after joining",
	"while recovering",
	"before sending",
	"while sending",
	"after the ack",
] as const;

interface Missed {
	readonly revision: number;
	readonly opId: string;
}

/**
 * A bare client that writes words at the beginning of a document, one at a time, and loses its connection again and
 * again. It checks that what it hears is the history without gap or repeat.
 */
export class RecoveringWriter {
	readonly name: string;
	readonly acknowledged: string[] = [];
	/** How often it came back by ops, and how often by the text. */
	readonly comebacks = { ops: 0, text: 0 };
	readonly #ws: string;
	readonly #prdId: string;
	readonly #format: "native" | "simple";
	#client: RawClient | undefined;
	#sessionId: string | undefined;
	#rev: number | undefined;
	#epoch = "";
	#words = 0;
	#cuts = 0;
	/** The first thing that was not as it must be. */
	#fault: string | undefined;
	/** The word without an answer, sent as it was until it has one. */
	#open: { readonly word: string; readonly operation: object } | undefined;
	/** Revision of the open word, when a recovery has named it. */
	readonly #committed = new Map<string, number>();

	constructor(
		ws: string,
		prdId: string,
		name: string,
		format: "native" | "simple",
	) {
		this.#ws = ws;
		this.#prdId = prdId;
		this.name = name;
		this.#format = format;
	}

	/** Writes until so many words are acknowledged. */
	async write(count: number): Promise<void> {
		for (let turn = 0; this.acknowledged.length < count; turn++) {
			const cut = turn % 3 === 0 ? CUTS[this.#cuts++ % CUTS.length] : undefined;
			await this.#turn(cut).catch((error: unknown) => {
				if (cut === undefined || !/closed 1006/.test(String(error)))
					throw error;
			});
		}
		await this.#client?.close();
	}

	async #turn(cut: (typeof CUTS)[number] | undefined): Promise<void> {
		if (this.#client === undefined) await this.#comeIn(cut);
		const client = this.#client as unknown as RawClient;
		if (cut === "after joining" || cut === "before sending")
			return this.#cut(client);
		this.#open ??= this.#newWord();
		const { operation, word } = this.#open;
		const prdId = this.#prdId;
		if (cut === "while sending") {
			client.send({ type: "operation:edit", data: { prdId, operation } });
			// Some of what was sent arrives, some does not.
			if (this.#cuts % 2 === 0) await client.settled();
			return this.#cut(client);
		}
		const answer = await client.request("operation:edit", { prdId, operation });
		if (this.#fault !== undefined) throw new Error(this.#fault);
		if (answer.type !== "ack") throw new Error(JSON.stringify(answer));
		const known = this.#committed.get(word);
		if (known !== undefined && known !== answer.data.revision)
			throw new Error(`${word} was committed twice`);
		this.acknowledged.push(word);
		this.#open = undefined;
		if (cut === "after the ack") this.#cut(client);
	}

	async #comeIn(cut: string | undefined): Promise<void> {
		const client = await connect(this.#ws, { token: tokenFor(this.name) });
		this.#client = client;
		const ready = await client.next("session:ready");
		client.socket.on("message", (data) => {
			if (this.#client === client) this.#hear(JSON.parse(String(data)));
		});
		client.send({ type: "session:recover", data: this.#place() });
		if (cut === "while recovering") {
			this.#cut(client);
			throw new Error("closed 1006");
		}
		await client.next("session:recovered");
		if (this.#fault !== undefined) throw new Error(this.#fault);
		this.#sessionId = ready.data.sessionId as string;
	}

	#place(): object {
		const prdId = this.#prdId;
		return {
			activeSessions: [prdId],
			formats: { [prdId]: this.#format },
			clientId: `client-${this.name}`,
			...(this.#rev === undefined
				? {}
				: {
						lastRevisions: { [prdId]: this.#rev },
						epochs: { [prdId]: this.#epoch },
					}),
			...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
		};
	}

	#recovered(session: Record<string, unknown>): void {
		const revision = session.revision as number;
		if (session.error !== undefined)
			this.#fault = JSON.stringify(session.error);
		else if (session.recovered === true) {
			this.comebacks.ops += 1;
			for (const missed of session.missedOperations as readonly Missed[])
				this.#take(missed);
			if (this.#rev !== revision)
				this.#fault ??= `recovered to ${this.#rev}, not ${revision}`;
		} else this.comebacks.text += 1;
		this.#rev = revision;
		this.#epoch = session.epoch as string;
	}

	#take({ revision, opId }: Missed): void {
		if (revision !== (this.#rev ?? 0) + 1)
			this.#fault ??= `missed ${revision} after ${this.#rev}`;
		this.#rev = revision;
		if (opId === this.#opId) this.#committed.set(this.#word, revision);
	}

	/** In the turn of the frame: what follows it may come in the same one. */
	#hear({ type, data }: Frame): void {
		if (type === "session:recovered") {
			const [session] = data.sessions as readonly Record<string, unknown>[];
			this.#recovered(session as Record<string, unknown>);
		}
		if (type === "operation:applied" && (data.part ?? 1) === 1)
			this.#next(data.revision as number);
		// The ack of a word sent again tells its old revision.
		const isNews = data?.opId !== undefined && type !== "operation:applied";
		if (isNews && (data.revision as number) > (this.#rev ?? 0))
			this.#next(data.revision as number);
	}

	#next(revision: number): void {
		// A frame before the answer to the recovery would be one.
		if (this.#rev === undefined || revision !== this.#rev + 1)
			this.#fault ??= `heard ${revision} after ${this.#rev}`;
		this.#rev = revision;
	}

	get #word(): string {
		return `<${this.name}${this.#words}>`;
	}

	get #opId(): string {
		return `client-${this.name}:${this.#words}`;
	}

	#newWord() {
		this.#words += 1;
		const word = this.#word;
		const revision = this.#rev as number;
		const operation =
			this.#format === "native"
				? { op: [word], revision, opId: this.#opId }
				: {
						type: "insert",
						position: 0,
						content: word,
						revision,
						opId: this.#opId,
					};
		return { word, operation };
	}

	#cut(client: RawClient): void {
		client.socket.terminate();
		this.#client = undefined;
	}
}
