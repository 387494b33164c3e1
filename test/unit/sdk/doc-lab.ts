import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	transform,
} from "../../../src/ot/document-op.ts";
import { Doc } from "../../../src/sdk/document.ts";
import type { Reply } from "../../../src/sdk/wire.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";
import { ManualClock } from "../../support/manual-clock.ts";

interface LogEntry {
	readonly op: DocumentOp;
	readonly opId: string;
	readonly author: Person;
}
interface Edit {
	readonly op: DocumentOp["t"];
	readonly marks?: DocumentOp["m"];
	readonly revision: number;
	readonly opId: string;
}
interface Message {
	readonly kind: "op" | "answer" | "join";
	readonly play: () => void;
}
type Fault = "refuse" | "forbid" | "resync" | "retry" | "none";

/** A server that is one list: what it commits, it has transformed over what came before, the later one to the left. */
export class LinearServer {
	readonly log: LogEntry[] = [];
	readonly states: DocumentContent[] = [{ text: "", runs: [] }];
	readonly people = new Set<Person>();
	/** Below it ops are forgotten: catch-up is by snapshot, and submissions are refused. */
	horizon = 0;

	get content(): DocumentContent {
		return this.states[this.log.length] as DocumentContent;
	}

	submit(author: Person, edit: Edit, fault: Fault): Reply | "later" {
		const known = this.log.findIndex((entry) => entry.opId === edit.opId);
		if (known >= 0) return ack(edit.opId, known + 1);
		if (fault === "retry") return deny("UNAVAILABLE", true);
		if (fault === "forbid") return deny("FORBIDDEN", false);
		if (fault === "refuse") return deny("PAYLOAD_TOO_LARGE", false);
		if (fault === "resync" || edit.revision < this.horizon)
			return deny("RESYNC_REQUIRED", false);
		let op: DocumentOp = { t: edit.op, m: edit.marks ?? [] };
		for (const entry of this.log.slice(edit.revision))
			op = transform(op, entry.op, "left");
		this.states.push(applyOp(this.content, op));
		this.log.push({ op, opId: edit.opId, author });
		const rev = this.log.length;
		for (const person of this.people)
			if (person === author) person.tellAck(edit.opId, rev);
			else person.tellOp(rev);
		return "later";
	}

	applied(rev: number): object {
		const { op, opId, author } = this.log[rev - 1] as LogEntry;
		const marks = op.m.length === 0 ? {} : { marks: op.m };
		const sessionId = author.name;
		return { prdId: "d", op: op.t, ...marks, revision: rev, opId, sessionId };
	}

	snapshot(): object {
		let position = 0;
		const attributes = this.content.runs.map(({ n, a }) => {
			position += n;
			return { position: position - n, length: n, attributes: a };
		});
		return {
			prdId: "d",
			currentContent: this.content.text,
			attributes: attributes.filter(
				(range) => Object.keys(range.attributes).length > 0,
			),
			revision: this.log.length,
			epoch: "e1",
		};
	}

	joined(since: number | undefined): object {
		if (since === undefined || since < this.horizon)
			return { ...this.snapshot(), mode: "edit" };
		const revs = this.log.map((_, at) => at + 1).slice(since);
		return {
			missedOperations: revs.map((rev) => this.applied(rev)),
			revision: this.log.length,
			epoch: "e1",
			recovered: true,
			mode: "edit",
		};
	}
}

const ack = (opId: string, revision: number): Reply => ({
	ok: true,
	data: { opId, revision },
});
const deny = (
	code: "UNAVAILABLE" | "PAYLOAD_TOO_LARGE" | "RESYNC_REQUIRED" | "FORBIDDEN",
	retryable: boolean,
): Reply => ({
	ok: false,
	error: { operation: "operation:edit", code, message: code, retryable },
});

/** A document of the client library, an editor that only hears its changes, and the two queues of its connection. */
export class Person {
	readonly name: string;
	readonly clock = new ManualClock();
	readonly doc: Doc;
	readonly outbox: (() => void)[] = [];
	readonly inbox: Message[] = [];
	readonly refused: string[] = [];
	/** What it has told without an answer. */
	readonly told: { readonly type: string; readonly data: object }[] = [];
	/** What an editor shows that has applied every change it was told. */
	screen: DocumentContent = { text: "", runs: [] };
	fault: Fault = "none";
	readonly #server: LinearServer;
	readonly #settlers = new Map<string, (reply: Reply) => void>();
	#connected = false;
	#opIds = 0;

	constructor(name: string, server: LinearServer) {
		this.name = name;
		this.#server = server;
		this.doc = new Doc("d", "edit", {
			join: ({ since }, settle) => {
				if (this.#connected) this.#joinLater(since?.rev, settle);
			},
			clock: this.clock,
			random: () => 0.5,
			limits: () => ({ ...DEFAULT_LIMITS, insertCodePoints: 4, components: 6 }),
			newOpId: () => `${name}:${++this.#opIds}`,
			closed: () => {},
			request: (type, data, settle) => this.#request(type, data, settle),
			tell: (type, data) => this.#tell(type, data),
		});
		this.doc.on("change", ({ op }) => {
			this.screen = applyOp(this.screen, { t: op.t, m: [] });
		});
		this.doc.on("refused", ({ text }) => this.refused.push(text));
	}

	/** The server works on the next thing it was sent. */
	send(): void {
		this.outbox.shift()?.();
	}

	hear(): void {
		this.inbox.shift()?.play();
	}

	/** The next thing from the server is lost on the way. */
	lose(): void {
		this.inbox.shift();
	}

	tellOp(rev: number): void {
		const data = this.#server.applied(rev);
		this.#deliver("op", () => this.doc.hear("operation:applied", data));
	}

	tellAck(opId: string, rev: number): void {
		const settle = this.#settlers.get(opId);
		this.#deliver("answer", () => settle?.(ack(opId, rev)));
	}

	cut(): void {
		if (!this.#connected) return;
		this.#connected = false;
		this.#server.people.delete(this);
		this.outbox.length = 0;
		this.inbox.length = 0;
		this.#settlers.clear();
		this.doc.disconnected();
	}

	connect(): void {
		if (this.#connected) return;
		this.#connected = true;
		this.doc.connected();
	}

	/** A slow reader is caught up by a snapshot: the ops that wait for it are gone, answers are not. */
	reset(): void {
		if (!this.#server.people.has(this)) return;
		const joins = this.inbox.filter(({ kind }) => kind === "join");
		const answers = this.inbox.filter(({ kind }) => kind === "answer");
		const data = this.#server.snapshot();
		this.inbox.length = 0;
		this.inbox.push(...joins);
		this.#deliver("op", () => this.doc.hear("document:reset", data));
		this.inbox.push(...answers);
	}

	/** Puts something on its way to this person. */
	#deliver(kind: Message["kind"], play: () => void): void {
		this.inbox.push({ kind, play });
	}

	#request(type: string, data: object, settle: (reply: Reply) => void): void {
		if (!this.#connected) return;
		const sent = structuredClone(data);
		if (type === "operation:edit") this.#submitLater(sent, settle);
	}

	#tell(type: string, data: object): void {
		if (this.#connected) this.told.push({ type, data: structuredClone(data) });
	}

	#submitLater(sent: object, settle: (reply: Reply) => void): void {
		const { operation: edit } = sent as { readonly operation: Edit };
		this.#settlers.set(edit.opId, settle);
		this.outbox.push(() => {
			const reply = this.#server.submit(this, edit, this.fault);
			this.fault = "none";
			if (reply !== "later") this.#deliver("answer", () => settle(reply));
		});
	}

	#joinLater(since: number | undefined, settle: (reply: Reply) => void): void {
		this.outbox.push(() => {
			const data = this.#server.joined(since);
			this.#server.people.add(this);
			this.#deliver("join", () => settle({ ok: true, data }));
		});
	}
}

/** Lets everything run to its end: all connected, nothing on the way, nothing unsent. */
export function settle(people: readonly Person[]): void {
	for (let round = 0; round < 1_000; round++) {
		for (const person of people) {
			person.connect();
			person.clock.advance(60_000);
			while (person.outbox.length + person.inbox.length > 0) {
				person.send();
				person.hear();
			}
			// An answer that never comes ends the connection, as in the real one.
			if (person.doc.unsent > 0 && person.clock.waiting === 0) person.cut();
		}
		if (people.every(({ doc }) => doc.unsent === 0)) break;
	}
	// The server repeats its head; here a last new session stands for that.
	for (const person of people) {
		person.cut();
		person.connect();
		person.send();
		person.hear();
	}
}
