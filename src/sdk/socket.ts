import { closeAction } from "../protocol/close-codes.ts";
import type { Clock } from "../shared/clock.ts";
import { backoffMs } from "./backoff.ts";
import { SdkError } from "./errors.ts";
import { type CloseNotice, Line, type WebSocketLike } from "./line.ts";
import type { Greeting, Reply } from "./wire.ts";

/** `connecting` until the first session or the first failure; `stopped` for ever, with a reason. */
export type Status = "connecting" | "online" | "offline" | "stopped";
export type WebSocketConstructor = new (
	url: string,
	protocols: string[],
) => WebSocketLike;

export interface SocketOptions {
	readonly url: string;
	/** A token for the next session; asked again whenever the last one may be the reason for a failure. */
	readonly getToken: () => Promise<string>;
	/** False when there is only one token: being told to get a new one then means to stop. */
	readonly renewable: boolean;
	readonly WebSocket: WebSocketConstructor;
	readonly clock: Clock;
	readonly random: () => number;
}

export interface SocketListener {
	ready(greeting: Greeting): void;
	lost(): void;
	message(type: string, data: unknown): void;
	status(status: Status, reason: SdkError | undefined): void;
}

type Link =
	| { readonly state: "idle" }
	| { readonly state: "fetching"; readonly cancel: () => void }
	| { readonly state: "connected"; readonly line: Line }
	| { readonly state: "waiting"; readonly cancel: () => void }
	| { readonly state: "stopped" };

const PROTOCOL = "prdtool.v1";
const TOKEN_MS = 15_000;
/** A session that holds this long makes the back-off start anew. */
const STEADY_MS = 5_000;
const RATE_ABUSE = 4213;

/** A connection that comes back by itself: tokens, close codes, back-off. */
export class Socket {
	readonly #options: SocketOptions;
	readonly #listener: SocketListener;
	#link: Link = { state: "idle" };
	#token: string | undefined;
	/** After a failed handshake the token goes in a first frame, whose refusal has a code that we can read. */
	#tokenInFrame = false;
	#failures = 0;
	#cancelSteady = () => {};
	#drainMs = 0;
	#rateMs = 0;

	constructor(options: SocketOptions, listener: SocketListener) {
		this.#options = options;
		this.#listener = listener;
	}

	open(): void {
		this.#listener.status("connecting", undefined);
		this.#attempt();
	}

	/** Ends the connection for good. */
	close(): void {
		this.#stop(new SdkError("CLOSED", "The client was closed"));
	}

	/** Does nothing without a session: who needs an answer asks again after the next `ready`. */
	request(type: string, data: object, settle: (reply: Reply) => void): void {
		if (this.#link.state === "connected")
			this.#link.line.request(type, data, settle);
	}

	tell(type: string, data: object): void {
		if (this.#link.state === "connected") this.#link.line.tell(type, data);
	}

	/** The network may be back, or gone: retries at once, or sees whether the line still answers. */
	wake(): void {
		if (this.#link.state === "waiting") {
			this.#link.cancel();
			this.#attempt();
		} else if (this.#link.state === "connected") this.#link.line.probe();
	}

	#attempt(): void {
		const fetching: Link = {
			state: "fetching",
			cancel: this.#options.clock.after(TOKEN_MS, () => this.#retry()),
		};
		this.#link = fetching;
		const settled = (run: () => void) => {
			if (this.#link !== fetching) return;
			fetching.cancel();
			run();
		};
		this.#fetchToken().then(
			(token) => settled(() => this.#dial(token)),
			() => settled(() => this.#retry()),
		);
	}

	async #fetchToken(): Promise<string> {
		this.#token ??= await this.#options.getToken();
		return this.#token;
	}

	#dial(token: string): void {
		const { WebSocket, url, clock } = this.#options;
		const framed = this.#tokenInFrame;
		try {
			const ws = new WebSocket(
				url,
				framed ? [PROTOCOL] : [PROTOCOL, `bearer.${token}`],
			);
			const line = new Line(
				ws,
				clock,
				{
					ready: (greeting) => this.#ready(greeting),
					message: (type, data) => this.#message(type, data),
					closed: (notice, wasOpen) => this.#closed(notice, wasOpen),
				},
				framed ? token : undefined,
			);
			this.#link = { state: "connected", line };
		} catch {
			this.#stop(
				new SdkError("STOPPED", "The address or the token is malformed"),
			);
		}
	}

	#ready(greeting: Greeting): void {
		this.#drainMs = 0;
		this.#rateMs = 0;
		this.#cancelSteady = this.#options.clock.after(STEADY_MS, () => {
			this.#failures = 0;
		});
		this.#listener.status("online", undefined);
		this.#listener.ready(greeting);
	}

	#message(type: string, data: unknown): void {
		if (type === "auth:expiring") this.#refresh();
		else if (type === "system:draining") this.#drainMs = retryAfterMs(data);
		else if (type === "rate_limit:exceeded") this.#rateMs = retryAfterMs(data);
		this.#listener.message(type, data);
	}

	#refresh(): void {
		if (!this.#options.renewable) return;
		const link = this.#link;
		this.#token = undefined;
		this.#fetchToken().then(
			(token) => {
				if (this.#link === link) this.request("auth:refresh", { token }, noop);
			},
			// The server closes with 41xx when the old token ends, and the next attempt asks again.
			noop,
		);
	}

	#closed({ code, reason }: CloseNotice, wasOpen: boolean): void {
		const action = wasOpen ? closeAction(code) : "reconnect";
		if (
			action === "stop" ||
			(action === "reauthenticate" && !this.#options.renewable)
		) {
			const message = reason || "The server ended the session";
			const data = { closeCode: code };
			this.#stop(new SdkError("STOPPED", message, { data }));
			return;
		}
		if (!wasOpen) this.#tokenInFrame = !this.#tokenInFrame;
		// A refused token looks like a dead network when the handshake fails: ask for another one.
		if (!wasOpen || action === "reauthenticate") this.#token = undefined;
		this.#retry(code === RATE_ABUSE ? this.#rateMs : this.#drainMs);
	}

	#retry(atLeastMs = 0): void {
		this.#cancelSteady();
		this.#failures++;
		const { clock, random } = this.#options;
		const delayMs = atLeastMs + backoffMs(this.#failures, random);
		this.#link = {
			state: "waiting",
			cancel: clock.after(delayMs, () => this.#attempt()),
		};
		this.#listener.lost();
		this.#listener.status("offline", undefined);
	}

	#stop(reason: SdkError): void {
		const link = this.#link;
		if (link.state === "stopped") return;
		this.#link = { state: "stopped" };
		this.#cancelSteady();
		if (link.state === "connected") link.line.end();
		if (link.state === "waiting" || link.state === "fetching") link.cancel();
		this.#listener.lost();
		this.#listener.status("stopped", reason);
	}
}

const noop = (): void => {};

/** `retryAfter` is seconds on the wire. */
function retryAfterMs(data: unknown): number {
	const seconds = (data as { retryAfter?: unknown } | undefined)?.retryAfter;
	return typeof seconds === "number" && seconds > 0 ? seconds * 1_000 : 0;
}
