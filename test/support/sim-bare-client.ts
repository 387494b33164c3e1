import type { DocumentContent, DocumentOp } from "../../src/ot/document-op.ts";
import { ERRORS, type WireError } from "../../src/protocol/errors.ts";
import type { SimpleOperation } from "../../src/protocol/submission.ts";
import { BareText } from "./sim-bare-text.ts";
import {
	BareClock,
	type BareEdit,
	type BareEvent,
	type BareHost,
	type BareJoined,
	type BareStyle,
	editData,
} from "./sim-bare-wire.ts";
import type { Frame, LinkEnd, PersonLink } from "./sim-link.ts";
import type { SimPerson } from "./sim-person.ts";
import { readContent, singles } from "./sim-text.ts";

/** A client by the letter of the protocol and nothing more: no library, several edits in flight. */
export class SimBareClient implements SimPerson, LinkEnd {
	readonly name: string;
	readonly userId: string;
	readonly style: BareStyle;
	readonly knowsRuns = true;
	link: PersonLink | undefined;
	end: string | undefined;
	rev = 0;
	readonly #host: BareHost;
	readonly #clientId: string;
	#epoch: string | undefined;
	readonly #clock: BareClock;
	readonly #text: BareText;
	#phase: "off" | "greeted" | "joining" | "live" = "off";
	#joinId: string | undefined;
	#requests = 0;
	#ops = 0;
	/** Of an op that has not come whole. */
	#parts: BareEvent[] = [];
	readonly #byId = new Map<string, BareEdit>();

	constructor(name: string, userId: string, style: BareStyle, host: BareHost) {
		this.name = name;
		this.userId = userId;
		this.style =
			style.base === "native" ? { ...style, unit: "codepoint" } : style;
		this.#host = host;
		this.#text = new BareText(this.style.unit);
		this.#clock = new BareClock(style.counting);
		this.#clientId = `client-${name}`;
	}

	get content(): DocumentContent {
		return this.#text.content;
	}

	get isSettled(): boolean {
		return this.#phase === "live" && this.#text.pending.length === 0;
	}

	get canEdit(): boolean {
		return (
			this.#phase === "live" && this.#text.pending.length < this.style.window
		);
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
			this.#text.edit(single);
			this.#send(pending);
		}
		this.#host.shown(this.#text.content.text);
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
		else if (type === "operation:ack") this.#acked(data as BareEvent);
		else if (type === "operation:applied") this.#applied(data as BareEvent);
		else if (type.startsWith("error:")) this.#troubled(data as WireError);
	}

	#join(): void {
		const { base, unit, recovers } = this.style;
		this.#phase = "joining";
		this.#joinId = `j${++this.#requests}`;
		const data = {
			prdId: this.#host.docId,
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
		const joined = data as BareJoined;
		for (const missed of joined.missedOperations ?? []) this.#missed(missed);
		if (joined.currentContent !== undefined) this.#adopt(joined);
		if (this.rev !== joined.revision)
			this.#host.fault(`${this.name} joined ${joined.revision} at ${this.rev}`);
		this.#epoch = joined.epoch;
		this.#clock.joined(joined);
		this.#phase = "live";
		this.#resume();
		this.#host.shown(this.#text.content.text);
	}

	/** Without a way from our text to this one, what is pending is given up. */
	#adopt({ currentContent = "", attributes = [], revision }: BareJoined): void {
		if (this.#epoch !== undefined && this.style.recovers)
			this.#host.fault(`${this.name} got a snapshot instead of its ops`);
		this.#forget();
		const { unit } = this.style;
		this.#text.adopt(readContent(currentContent, attributes, unit));
		this.rev = revision;
	}

	#forget(): void {
		this.#text.pending = [];
	}

	/** The first unacknowledged edit goes out as it was; what came after it is made anew. */
	#resume(): void {
		const waiting = this.#text.pending;
		this.#text.pending = [];
		for (const [i, pending] of waiting.entries()) {
			if (i === 0 && !pending.isRefused && pending.data !== undefined) {
				this.#text.pending.push(pending);
				this.#clock.count();
				this.#ask(pending, pending.data);
			} else {
				if (pending.opId !== undefined) this.#host.remade(pending.opId);
				for (const op of singles(pending.op)) {
					this.#send(this.#push(op));
				}
			}
		}
	}

	#push(op: DocumentOp): BareEdit {
		const opId = this.style.recovers
			? `${this.#clientId}:${++this.#ops}`
			: undefined;
		const pending = {
			op,
			opId,
			data: undefined,
			isRefused: false,
		};
		this.#text.pending.push(pending);
		return pending;
	}

	#send(pending: BareEdit): void {
		const before = this.#text.pending.slice(
			0,
			this.#text.pending.indexOf(pending),
		);
		this.#clock.count();
		pending.data = editData(this.style, pending, {
			docId: this.#host.docId,
			text: this.#text.before(pending),
			rev: this.rev,
			clock: this.#clock.now,
		});
		if (pending.opId !== undefined)
			this.#host.declared(
				pending.opId,
				this.rev,
				before.map(({ opId }) => opId ?? ""),
			);
		this.#ask(pending, pending.data);
	}

	#ask(pending: BareEdit, data: object): void {
		const { withIds } = this.style;
		const id = withIds ? `e${++this.#requests}` : undefined;
		if (id !== undefined) this.#byId.set(id, pending);
		this.link?.ask({
			type: "operation:edit",
			...(id === undefined ? {} : { id }),
			data,
		});
	}

	#replied(id: string, type: string, data: unknown): void {
		const pending = this.#byId.get(id);
		this.#byId.delete(id);
		const isLate = !this.style.recovers && this.#phase !== "live";
		if (isLate) return;
		if (type === "ack") this.#acked(data as BareEvent);
		else if (pending !== undefined) this.#refused(pending, data as WireError);
	}

	#refused(pending: BareEdit, error: WireError): void {
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

	#acked(event: BareEvent): void {
		const { opId, revision, vectorClock = {}, operations } = event;
		if (revision <= this.rev) return;
		const head = this.#text.pending[0];
		const isOurs =
			head !== undefined && (head.opId === undefined || head.opId === opId);
		if (!isOurs) {
			// Given up when we started anew, and committed all the same.
			if (this.style.recovers && head?.opId !== opId)
				this.#host.fault(`${this.name}: ack of ${opId} out of order`);
			for (const operation of operations ?? [])
				this.#text.remoteSimple(operation);
		} else {
			if (!this.#text.commit(operations))
				this.#host.fault(`${this.name}: the ack tells another op`);
		}
		this.rev = revision;
		this.#clock.hear(
			vectorClock,
			this.#text.pending.length,
			event.clockCorrected,
		);
		this.#show();
	}

	#missed(
		missed: BareEvent & SimpleOperation & { part?: number; parts?: number },
	) {
		const { opId, revision, part = 1, parts = 1 } = missed;
		// Heard on the same connection while the join was on its way.
		if (revision <= this.rev) return;
		const head = this.#text.pending[0];
		if (head?.opId !== undefined && head.opId === opId) {
			if (part === parts) this.#text.commit(undefined);
		} else {
			if (this.#text.pending.some((pending) => pending.opId === opId))
				this.#host.fault(`${this.name}: ${opId} came before an earlier one`);
			if (missed.op === undefined) this.#text.remoteSimple(missed);
			else this.#text.remote({ t: missed.op, m: missed.marks ?? [] });
		}
		if (part === parts) this.rev = revision;
	}

	#applied(event: BareEvent & { part?: number; parts?: number }): void {
		const { revision, part = 1, parts = 1 } = event;
		if (part < parts) {
			this.#parts.push(event);
			return;
		}
		// Between two parts there is no text that an edit could be made on.
		for (const { op, marks, operation } of [...this.#parts, event])
			if (operation === undefined)
				this.#text.remote({ t: op ?? [], m: marks ?? [] });
			else this.#text.remoteSimple(operation);
		this.#parts = [];
		this.rev = revision;
		this.#clock.hear(
			event.newVectorClock ?? event.clock ?? {},
			this.#text.pending.length,
		);
		this.#show();
	}

	#show(): void {
		if (this.#phase === "live") this.#host.shown(this.#text.content.text);
	}
}
