import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
} from "../../src/ot/document-op.ts";
import { type Client, connect } from "../../src/sdk/client.ts";
import type { Doc } from "../../src/sdk/document.ts";
import type { CloseNotice, WebSocketLike } from "../../src/sdk/line.ts";
import type { Clock } from "../../src/shared/clock.ts";
import type { Frame, LinkEnd, PersonLink } from "./sim-link.ts";
import type { SimPerson } from "./sim-person.ts";
import type { SimRandom } from "./sim-random.ts";

export interface SdkHost {
	readonly docId: string;
	dial(userId: string, end: LinkEnd): PersonLink;
	shown(text: string): void;
	fault(text: string): void;
	readonly clock: Clock;
	readonly random: SimRandom;
}

/** The client library, whole, over sockets of the simulation. */
export class SimSdkClient implements SimPerson {
	readonly name: string;
	readonly userId: string;
	end: string | undefined;
	knowsRuns = true;
	refused = 0;
	readonly #host: SdkHost;
	readonly #client: Client;
	#doc: Doc | undefined;
	#socket: SimSocket | undefined;
	/** What an editor shows that has applied every change it was told. */
	#screen: DocumentContent = { text: "", runs: [] };

	constructor(name: string, userId: string, host: SdkHost) {
		this.name = name;
		this.userId = userId;
		this.#host = host;
		const dialled = (socket: SimSocket) => {
			this.#socket = socket;
		};
		this.#client = connect({
			url: "ws://sim/ws",
			getToken: async () => "token",
			clientId: `client-${name}`,
			clock: host.clock,
			random: () => host.random.next(),
			WebSocket: class extends SimSocket {
				constructor() {
					super();
					dialled(this);
				}
			},
		});
		this.#client.on("status", ({ status, reason }) => {
			if (status === "stopped") this.end = String(reason);
		});
		this.#client.open(host.docId, { mode: "edit" }).then(
			(doc) => this.#opened(doc),
			(error: unknown) => {
				this.end = String(error);
			},
		);
	}

	get link(): PersonLink | undefined {
		return this.#socket?.link;
	}

	get content(): DocumentContent {
		return this.#screen;
	}

	get rev(): number {
		return this.#doc?.revision ?? 0;
	}

	get isSettled(): boolean {
		return this.#doc?.saveState === "saved";
	}

	get canEdit(): boolean {
		return this.#doc?.editable === true;
	}

	get canConnect(): boolean {
		if (this.end !== undefined) return false;
		return (
			this.#client.status !== "online" || this.#socket?.isDialling === true
		);
	}

	connect(): void {
		if (this.#socket?.isDialling === true)
			this.#socket.open((end) => this.#host.dial(this.userId, end));
		else this.#client.retry();
	}

	edit(op: DocumentOp): void {
		this.#doc?.edit(op);
	}

	#follow(op: DocumentOp): void {
		try {
			this.#screen = applyOp(this.#screen, op);
		} catch (error) {
			this.#host.fault(`${this.name}: ${String(error)}`);
		}
	}

	#opened(doc: Doc): void {
		this.#doc = doc;
		this.#screen = {
			text: doc.text,
			runs: [{ n: [...doc.text].length, a: {} }],
		};
		if (doc.text === "") this.#screen = { text: "", runs: [] };
		else this.knowsRuns = false;
		doc.on("change", ({ op, origin }) => {
			if (origin === "reset") this.knowsRuns = false;
			this.#follow(op);
			if (this.#screen.text !== doc.text)
				this.#host.fault(`${this.name}: the editor shows another text`);
			this.#host.shown(this.#screen.text);
		});
		doc.on("refused", ({ error, text }) => {
			this.refused++;
			this.#host.fault(`${this.name}: ${error.code} takes back ${text}`);
		});
	}
}

/** The library's end of a connection. */
class SimSocket implements WebSocketLike, LinkEnd {
	link: PersonLink | undefined;
	isDialling = true;
	readonly #listeners = new Map<string, ((event: never) => void)[]>();

	addEventListener(type: string, listener: (event: never) => void): void {
		const listeners = this.#listeners.get(type) ?? [];
		this.#listeners.set(type, [...listeners, listener]);
	}

	open(dial: (end: LinkEnd) => PersonLink): void {
		this.isDialling = false;
		this.link = dial(this);
		this.#emit("open", {});
	}

	send(frame: string): void {
		this.link?.ask(JSON.parse(frame) as Frame);
	}

	/** The library gives the line up. */
	close(): void {
		this.isDialling = false;
		this.link?.cut();
		this.link = undefined;
	}

	hear(frame: Frame): void {
		this.#emit("message", { data: JSON.stringify(frame) });
	}

	closed(code: number): void {
		const notice: CloseNotice = { code, reason: "" };
		this.link = undefined;
		this.#emit("close", notice);
	}

	#emit(type: string, event: object): void {
		for (const listener of this.#listeners.get(type) ?? [])
			listener(event as never);
	}
}
