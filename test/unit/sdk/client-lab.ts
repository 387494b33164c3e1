import { type Client, connect } from "../../../src/sdk/client.ts";
import type { Doc } from "../../../src/sdk/document.ts";
import { FakeNetwork } from "../../support/fake-socket.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Lets promises run that have their value already. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

export const joinedWith = (text: string, revision = 0) => ({
	currentContent: text,
	revision,
	epoch: "e",
	mode: "edit",
	title: "A title",
	activeSessions: [],
});

/** Clients over a network, a clock and dice that the test holds in its hand. */
export class ClientLab {
	readonly clock = new ManualClock();
	readonly network = new FakeNetwork();
	random = 0.5;
	#tokens = 0;

	get last(): FakeNetwork["last"] {
		return this.network.last;
	}

	async dial(
		more: { readonly token?: string; readonly signals?: EventTarget } = {},
	): Promise<Client> {
		const { token, ...rest } = more;
		return this.dialWith(
			token === undefined
				? { ...rest, getToken: async () => `t${++this.#tokens}` }
				: { ...rest, token },
		);
	}

	async dialWith(
		more:
			| { readonly token: string }
			| { readonly getToken: () => Promise<string> },
	): Promise<Client> {
		const { clock, network } = this;
		const client = connect({
			url: "ws://host/ws",
			WebSocket: network.WebSocket,
			clock,
			random: () => this.random,
			...more,
		});
		await turn();
		return client;
	}

	/** A client that has been greeted. */
	async online(): Promise<Client> {
		const client = await this.dial();
		this.last.greet();
		return client;
	}

	async pass(ms: number): Promise<void> {
		this.clock.advance(ms);
		await turn();
	}

	async open(client: Client, text = "", docId = "d"): Promise<Doc> {
		const opening = client.open(docId);
		this.last.answer("document:join", joinedWith(text));
		return opening;
	}

	/** The line breaks, and a new one is there. */
	async comeBack(sessionId = "s2"): Promise<void> {
		this.last.end(1006);
		await this.pass(1_000);
		this.last.greet({ sessionId });
	}
}
