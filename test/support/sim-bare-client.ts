import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	isNoop,
	transform,
} from "../../src/ot/document-op.ts";
import { ERRORS, type WireError } from "../../src/protocol/errors.ts";
import type { SimpleOperation, Unit } from "../../src/protocol/submission.ts";
import type { Frame, LinkEnd, SimLink } from "./sim-link.ts";
import type { SimPerson } from "./sim-person.ts";
import {
	type FormattedRange,
	readContent,
	readSimple,
	singles,
	writeSimple,
} from "./sim-text.ts";

/** How a bare client speaks. */
export interface BareStyle {
	/** How it says what an edit was made on, and in which form. */
	readonly base: "clock" | "revision" | "both" | "flat" | "native";
	readonly unit: Unit;
	/** Edits it sends without waiting for an answer. */
	readonly window: number;
	/** `count`: the server's clock and own edits on top; `merge`: pointwise maximum. */
	readonly counting: "count" | "merge";
	/** Names itself and its ops, and recovers; otherwise it forgets what was not acknowledged and starts anew. */
	readonly recovers: boolean;
	/** Asks for replies; otherwise it hears of its ops by `operation:ack`. */
	readonly withIds: boolean;
}

type Clock = Readonly<Record<string, number>>;
interface Pending {
	/** In the text with everything before it. */
	op: DocumentOp;
	opId: string | undefined;
	/** As it was sent; undefined: not sent in this form yet. */
	data: object | undefined;
	isRefused: boolean;
}
interface Event {
	readonly revision: number;
	readonly opId?: string;
	readonly vectorClock?: Clock;
	readonly newVectorClock?: Clock;
	readonly clock?: Clock;
	readonly clockCorrected?: true;
	readonly operation?: SimpleOperation;
	readonly operations?: readonly SimpleOperation[];
	readonly op?: DocumentOp["t"];
	readonly marks?: DocumentOp["m"];
}
interface Joined {
	readonly revision: number;
	readonly epoch: string;
	readonly replicaId: string;
	readonly sessionId: string;
	readonly vectorClock: Clock;
	readonly currentContent?: string;
	readonly attributes?: readonly FormattedRange[];
	readonly missedOperations?: readonly (Event & SimpleOperation)[];
}
export interface BareHost {
	dial(userId: string, end: LinkEnd): SimLink;
	shown(text: string): void;
	fault(text: string): void;
	/** An edit that was not acknowledged goes out anew under another op id. */
	remade(opId: string): void;
	/** An edit as its author saw the document: revision, and own edits in flight. */
	declared(opId: string, rev: number, own: readonly string[]): void;
}

export const SIM_DOC = "doc-1";

/** A client by the letter of the protocol and nothing more: no library, several edits in flight. */
export class SimBareClient implements SimPerson, LinkEnd {
	readonly name: string;
	readonly userId: string;
	readonly style: BareStyle;
	readonly knowsRuns = true;
	link: SimLink | undefined;
	end: string | undefined;
	rev = 0;
	resent = 0;
	remade = 0;
	forgotten = 0;
	readonly #host: BareHost;
	readonly #clientId: string;
	#epoch: string | undefined;
	#replicaId = "";
	#clock: Record<string, number> = {};
	#base: DocumentContent = { text: "", runs: [] };
	#local: DocumentContent = this.#base;
	#pending: Pending[] = [];
	#phase: "off" | "greeted" | "joining" | "live" = "off";
	#joinId: string | undefined;
	#requests = 0;
	#ops = 0;
	/** Of an op that has not come whole. */
	#parts: Event[] = [];
	readonly #byId = new Map<string, Pending>();

	constructor(name: string, userId: string, style: BareStyle, host: BareHost) {
		this.name = name;
		this.userId = userId;
		this.style =
			style.base === "native" ? { ...style, unit: "codepoint" } : style;
		this.#host = host;
		this.#clientId = `client-${name}`;
	}

	get content(): DocumentContent {
		return this.#local;
	}

	get isSettled(): boolean {
		return this.#phase === "live" && this.#pending.length === 0;
	}

	get canEdit(): boolean {
		return this.#phase === "live" && this.#pending.length < this.style.window;
	}

	get canConnect(): boolean {
		return this.#phase === "off" || this.#phase === "greeted";
	}

	connect(): void {
		if (this.#phase === "off") {
			this.link = this.#host.dial(this.userId, this);
			this.#byId.clear();
			this.#parts = [];
			this.#phase = "greeted";
		}
		this.#join();
	}

	edit(op: DocumentOp): void {
		for (const single of singles(op)) {
			const pending = this.#push(single);
			this.#local = applyOp(this.#local, single);
			this.#send(pending);
		}
		this.#host.shown(this.#local.text);
	}

	closed(code: number): void {
		this.#phase = "off";
		this.link = undefined;
		if (code === 4009) this.end = "replaced";
		if (code !== 1006 && code < 4100 && code >= 4000) this.end = String(code);
		if (!this.style.recovers) this.#forget();
	}

	hear({ type, id, data }: Frame): void {
		const isLate = !this.style.recovers && this.#phase !== "live";
		if (isLate && type.startsWith("operation:")) return;
		if (id !== undefined && id === this.#joinId) this.#answered(type, data);
		else if (id !== undefined && this.#byId.has(id))
			this.#replied(id, type, data);
		else if (type === "operation:ack") this.#acked(data as Event);
		else if (type === "operation:applied") this.#applied(data as Event);
		else if (type.startsWith("error:")) this.#troubled(data as WireError);
	}

	#join(): void {
		const { base, unit, recovers } = this.style;
		this.#phase = "joining";
		this.#joinId = `j${++this.#requests}`;
		const data = {
			prdId: SIM_DOC,
			mode: "edit",
			...(base === "native" ? { format: "native" } : { unit }),
			...(recovers ? { clientId: this.#clientId } : {}),
			...(recovers && this.#epoch !== undefined
				? { lastKnownRevision: this.rev, lastEpoch: this.#epoch }
				: {}),
		};
		this.link?.ask({ type: "document:join", id: this.#joinId, data });
	}

	#answered(type: string, data: unknown): void {
		this.#joinId = undefined;
		this.#parts = [];
		if (type !== "ack") {
			this.#phase = "greeted";
			return;
		}
		const joined = data as Joined;
		for (const missed of joined.missedOperations ?? []) this.#missed(missed);
		if (joined.currentContent !== undefined) this.#adopt(joined);
		if (this.rev !== joined.revision)
			this.#host.fault(`${this.name} joined ${joined.revision} at ${this.rev}`);
		this.#epoch = joined.epoch;
		this.#replicaId = joined.replicaId;
		this.#clock = { ...joined.vectorClock };
		this.#phase = "live";
		this.#resume();
		this.#host.shown(this.#local.text);
	}

	/** Without a way from our text to this one, what is pending is given up. */
	#adopt({ currentContent = "", attributes = [], revision }: Joined): void {
		if (this.#epoch !== undefined && this.style.recovers)
			this.#host.fault(`${this.name} got a snapshot instead of its ops`);
		this.#forget();
		this.#base = readContent(currentContent, attributes, this.style.unit);
		this.#local = this.#base;
		this.rev = revision;
	}

	#forget(): void {
		this.forgotten += this.#pending.length;
		this.#pending = [];
	}

	/** The first unacknowledged edit goes out as it was; what came after it is made anew. */
	#resume(): void {
		const waiting = this.#pending;
		this.#pending = [];
		for (const [i, pending] of waiting.entries()) {
			if (i === 0 && !pending.isRefused && pending.data !== undefined) {
				this.#pending.push(pending);
				this.resent++;
				this.#count();
				this.#ask(pending, pending.data);
			} else {
				if (pending.opId !== undefined) this.#host.remade(pending.opId);
				for (const op of singles(pending.op)) {
					this.remade++;
					this.#send(this.#push(op));
				}
			}
		}
	}

	#push(op: DocumentOp): Pending {
		const opId = this.style.recovers
			? `${this.#clientId}:${++this.#ops}`
			: undefined;
		const pending = {
			op,
			opId,
			data: undefined,
			isRefused: false,
		};
		this.#pending.push(pending);
		return pending;
	}

	#send(pending: Pending): void {
		const before = this.#pending.slice(0, this.#pending.indexOf(pending));
		this.#count();
		pending.data = this.#form(pending, this.#textBehind(before));
		if (pending.opId !== undefined)
			this.#host.declared(
				pending.opId,
				this.rev,
				before.map(({ opId }) => opId ?? ""),
			);
		this.#ask(pending, pending.data);
	}

	#ask(pending: Pending, data: object): void {
		const { withIds } = this.style;
		const id = withIds ? `e${++this.#requests}` : undefined;
		if (id !== undefined) this.#byId.set(id, pending);
		this.link?.ask({
			type: "operation:edit",
			...(id === undefined ? {} : { id }),
			data,
		});
	}

	#count(): void {
		const clock = this.#clock;
		clock[this.#replicaId] = (clock[this.#replicaId] ?? 0) + 1;
	}

	#form({ op, opId }: Pending, text: string): object {
		const { base, unit } = this.style;
		const named = opId === undefined ? {} : { opId };
		const revision = this.rev;
		if (base === "native") {
			const marks = op.m.length === 0 ? {} : { marks: op.m };
			const operation = { op: op.t, ...marks, revision, ...named };
			return { prdId: SIM_DOC, operation };
		}
		const simple = writeSimple(op, text, unit);
		const { type, position, content, length } = simple;
		if (base === "flat" && type !== "format" && !simple.attributes)
			return {
				prdId: SIM_DOC,
				operation: type,
				position,
				...(content === undefined ? {} : { text: content }),
				...(length === undefined ? {} : { length }),
				version: revision,
				...named,
			};
		const vectorClock = { ...this.#clock };
		const says =
			base === "clock"
				? { vectorClock }
				: base === "both"
					? { vectorClock, revision }
					: { revision };
		return { prdId: SIM_DOC, operation: { ...simple, ...says, ...named } };
	}

	#textBehind(before: readonly Pending[]): string {
		return before.reduce((content, { op }) => applyOp(content, op), this.#base)
			.text;
	}

	#replied(id: string, type: string, data: unknown): void {
		const pending = this.#byId.get(id);
		this.#byId.delete(id);
		const isLate = !this.style.recovers && this.#phase !== "live";
		if (isLate) return;
		if (type === "ack") this.#acked(data as Event);
		else if (pending !== undefined) this.#refused(pending, data as WireError);
	}

	#refused(pending: Pending, error: WireError): void {
		pending.isRefused = true;
		this.#complainOf(error);
		if (this.#phase !== "live") return;
		if (!this.style.recovers) this.#forget();
		this.#join();
	}

	/** An error without an id: one of our edits, and all after it. */
	#troubled(error: WireError): void {
		if (error.operation !== "operation:edit") return;
		this.#complainOf(error);
		if (this.#phase !== "live") return;
		this.#forget();
		this.#join();
	}

	/** An honest client is asked to join again or to come back later, and never told that its edit is wrong. */
	#complainOf({ code, data }: WireError): void {
		const { recovery } = ERRORS[code];
		if (recovery !== "resync" && recovery !== "retry" && code !== "NOT_JOINED")
			this.#host.fault(
				`${this.name} (${this.style.base}) was refused: ${code} ${JSON.stringify(data)}`,
			);
	}

	#acked(event: Event): void {
		const { opId, revision, vectorClock = {}, operations } = event;
		if (revision <= this.rev) return;
		const head = this.#pending[0];
		const isOurs =
			head !== undefined && (head.opId === undefined || head.opId === opId);
		if (!isOurs) {
			// Given up when we started anew, and committed all the same.
			if (this.style.recovers && head?.opId !== opId)
				this.#host.fault(`${this.name}: ack of ${opId} out of order`);
			for (const operation of operations ?? []) this.#remoteSimple(operation);
		} else {
			this.#checkForm(head, operations);
			this.#base = applyOp(this.#base, head.op);
			this.#pending.shift();
		}
		this.rev = revision;
		this.#heardClock(vectorClock, event.clockCorrected);
		this.#show();
	}

	/** What the server says it made of our op is what we made of it. */
	#checkForm(
		{ op }: Pending,
		operations: readonly SimpleOperation[] | undefined,
	): void {
		if (operations === undefined) return;
		let text = this.#base;
		for (const operation of operations)
			text = applyOp(text, readSimple(operation, text.text, this.style.unit));
		const mine = applyOp(this.#base, op);
		if (JSON.stringify(text) !== JSON.stringify(mine))
			this.#host.fault(`${this.name}: the ack tells another op`);
	}

	#missed(missed: Event & SimpleOperation & { part?: number; parts?: number }) {
		const { opId, revision, part = 1, parts = 1 } = missed;
		// Heard on the same connection while the join was on its way.
		if (revision <= this.rev) return;
		const head = this.#pending[0];
		if (head?.opId !== undefined && head.opId === opId) {
			if (part === 1) this.#base = applyOp(this.#base, head.op);
			if (part === parts) this.#pending.shift();
		} else {
			if (this.#pending.some((pending) => pending.opId === opId))
				this.#host.fault(`${this.name}: ${opId} came before an earlier one`);
			if (missed.op === undefined) this.#remoteSimple(missed);
			else this.#remote({ t: missed.op, m: missed.marks ?? [] });
		}
		if (part === parts) this.rev = revision;
	}

	#applied(event: Event & { part?: number; parts?: number }): void {
		const { revision, part = 1, parts = 1 } = event;
		if (part < parts) {
			this.#parts.push(event);
			return;
		}
		// Between two parts there is no text that an edit could be made on.
		for (const { op, marks, operation } of [...this.#parts, event])
			if (operation === undefined)
				this.#remote({ t: op ?? [], m: marks ?? [] });
			else this.#remoteSimple(operation);
		this.#parts = [];
		this.rev = revision;
		this.#heardClock(event.newVectorClock ?? event.clock ?? {});
		this.#show();
	}

	#show(): void {
		if (this.#phase === "live") this.#host.shown(this.#local.text);
	}

	#remoteSimple(operation: SimpleOperation): void {
		this.#remote(readSimple(operation, this.#base.text, this.style.unit));
	}

	/** What is not committed yet will be the later one: it stands left. */
	#remote(op: DocumentOp): void {
		this.#base = applyOp(this.#base, op);
		let theirs = op;
		for (const pending of this.#pending) {
			const mine = transform(pending.op, theirs, "left");
			theirs = transform(theirs, pending.op, "right");
			pending.op = mine;
		}
		if (!isNoop(theirs)) this.#local = applyOp(this.#local, theirs);
	}

	#heardClock(heard: Clock, isCorrection = false): void {
		if (this.style.counting === "count" || isCorrection) {
			this.#clock = { ...heard };
			for (const _ of this.#pending) this.#count();
			return;
		}
		for (const [replica, count] of Object.entries(heard))
			this.#clock[replica] = Math.max(count, this.#clock[replica] ?? 0);
	}
}
