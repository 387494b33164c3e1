import type { Logger } from "../shared/logger.ts";
import type { ChannelMessage } from "../shared/ports/channel-bus.ts";
import { encodeMessage, MESSAGE_BYTES } from "./channel-wire.ts";

/** Every so many bytes the server is asked whether it has them. */
const ASK_BYTES = 1_048_576;
/** So much may be on its way to a server that does not read. */
const LIMIT_BYTES = 33_554_432;

/** The server's side of publishing. */
export interface PublishServer {
	/** Bytes of one message that it takes. */
	readonly messageBytes: number;
	/** In order; returns before it is there. */
	send(address: string, data: Buffer): void;
	/** Settles when all that was sent before is there, or lost. */
	confirm(): Promise<unknown>;
}

/** Sends messages without ever failing or keeping more than a bounded number of bytes: what does not go out is lost. */
export class Publisher {
	readonly #server: PublishServer;
	readonly #logger: Logger;
	#unconfirmedBytes = 0;
	#isAsking = false;

	constructor(server: PublishServer, logger: Logger) {
		this.#server = server;
		this.#logger = logger;
	}

	publish(address: string, message: ChannelMessage): void {
		if (this.#unconfirmedBytes >= LIMIT_BYTES) return;
		try {
			const limit = Math.min(this.#server.messageBytes, MESSAGE_BYTES);
			const data = encodeMessage(message, limit);
			if (data === undefined) throw new RangeError("over the bus's limit");
			this.#server.send(address, data);
			this.#count(data.length);
		} catch (err) {
			this.#logger.error({ address, err }, "a message was not published");
		}
	}

	#count(bytes: number): void {
		this.#unconfirmedBytes += bytes;
		if (this.#unconfirmedBytes >= LIMIT_BYTES)
			this.#logger.warn({}, "the bus takes nothing: messages are dropped");
		if (this.#unconfirmedBytes >= ASK_BYTES && !this.#isAsking)
			void this.#ask();
	}

	async #ask(): Promise<void> {
		this.#isAsking = true;
		const asked = this.#unconfirmedBytes;
		// There or lost, it is in memory no more.
		await this.#server.confirm().catch(() => {});
		this.#unconfirmedBytes -= asked;
		this.#isAsking = false;
	}
}
