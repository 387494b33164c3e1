import { CollabError } from "../protocol/errors.ts";
import type { Logger } from "../shared/logger.ts";
import type {
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import { type Receive, Receivers } from "./receivers.ts";

/** The server's side of subscriptions. Both resolve when they are in force, and reject when the line is lost before. */
export interface SubscriptionServer {
	/** @param added addresses that it does not have @param removed addresses that it has */
	change(added: readonly string[], removed: readonly string[]): Promise<void>;
	/** After an outage: all that are wanted. */
	renew(addresses: readonly string[]): Promise<void>;
}

interface Turn {
	readonly changed: Set<string>;
	readonly settled: Promise<void>;
}

/** Subscriptions at a server, one per address however many receivers it has here. */
export class SharedSubscriptions {
	readonly #server: SubscriptionServer;
	readonly #logger: Logger;
	readonly #receivers: Receivers;
	/** Of every address with a receiver: resolves when its subscription is in force. */
	readonly #wanted = new Map<string, Promise<void>>();
	/** What the server has been asked for. */
	readonly #asked = new Set<string>();
	readonly #listeners = new Set<{ readonly listener: () => void }>();
	#turn: Turn | undefined;
	#state: "up" | "down" | "closed" = "up";
	#outages = 0;

	constructor(server: SubscriptionServer, logger: Logger) {
		this.#server = server;
		this.#logger = logger;
		this.#receivers = new Receivers(logger);
	}

	get isUp(): boolean {
		return this.#state === "up";
	}

	async subscribe(
		address: string,
		receive: Receive,
	): Promise<ChannelSubscription> {
		if (!this.isUp) throw unavailable();
		const remove = this.#receivers.add(address, receive);
		const unsubscribe = () => {
			if (!remove()) return;
			this.#wanted.delete(address);
			void this.#change(address);
		};
		const inForce = this.#wanted.get(address) ?? this.#change(address);
		this.#wanted.set(address, inForce);
		try {
			await inForce;
		} catch (cause) {
			unsubscribe();
			throw unavailable(cause);
		}
		return { unsubscribe };
	}

	deliver(address: string, message: ChannelMessage): void {
		this.#receivers.deliver(address, message);
	}

	onReturn(listener: () => void): ChannelSubscription {
		const entry = { listener };
		this.#listeners.add(entry);
		return { unsubscribe: () => this.#listeners.delete(entry) };
	}

	/** The line to the server is lost. */
	lost(): void {
		if (!this.isUp) return;
		this.#state = "down";
		this.#outages += 1;
		this.#logger.warn({}, "the bus is lost");
	}

	/** The line is there again. */
	async returned(): Promise<void> {
		if (this.#state !== "down") return;
		this.#state = "up";
		const outages = this.#outages;
		try {
			await this.#server.renew([...this.#wanted.keys()]);
		} catch {
			// Lost again: the next return renews them.
			return;
		}
		if (!this.isUp || outages !== this.#outages) return;
		this.#logger.info({ outages }, "the bus is back");
		for (const { listener } of this.#listeners) this.#tell(listener);
	}

	/** Takes everything back from the server; later subscriptions fail. */
	close(): void {
		if (this.#state === "closed") return;
		this.#state = "closed";
		this.#receivers.clear();
		this.#listeners.clear();
		this.#wanted.clear();
		const removed = [...this.#asked];
		this.#asked.clear();
		this.#server.change([], removed).catch(() => {});
	}

	/** Asks the server at the end of this turn, once for all that has changed in it. */
	#change(address: string): Promise<void> {
		this.#turn ??= this.#beginTurn();
		this.#turn.changed.add(address);
		return this.#turn.settled;
	}

	#beginTurn(): Turn {
		const changed = new Set<string>();
		const { promise: settled, resolve } = Promise.withResolvers<void>();
		// Nobody waits for what is taken back.
		settled.catch(() => {});
		setImmediate(() => {
			this.#turn = undefined;
			resolve(this.#settle(changed));
		});
		return { changed, settled };
	}

	async #settle(changed: ReadonlySet<string>): Promise<void> {
		if (this.#state === "closed") throw unavailable();
		const added: string[] = [];
		const removed: string[] = [];
		for (const address of changed)
			if (this.#wanted.has(address)) {
				if (!this.#asked.has(address)) added.push(address);
				this.#asked.add(address);
			} else if (this.#asked.delete(address)) removed.push(address);
		// Asked even when nothing is left to do: a request of the turn before may still be under way.
		await this.#server.change(added, removed);
	}

	#tell(listener: () => void): void {
		try {
			listener();
		} catch (err) {
			this.#logger.error({ err }, "a listener of the bus's return failed");
		}
	}
}

const unavailable = (cause?: unknown): CollabError =>
	new CollabError(
		"UNAVAILABLE",
		"The bus is not available",
		{ reason: "bus" },
		{ cause },
	);
