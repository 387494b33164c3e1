import {
	io,
	type ManagerOptions,
	type Socket,
	type SocketOptions,
} from "socket.io-client";
import type { Frame } from "./raw-client.ts";

export type SocketioOptions = Partial<ManagerOptions & SocketOptions>;
export const TRANSPORTS = [["websocket"], ["polling"]] as const;

/** What a callback gets. */
export interface Reply {
	readonly ok: boolean;
	readonly data?: Record<string, unknown>;
	readonly error?: Record<string, unknown>;
}
/** Why `connect` failed. */
export type Refusal = Error & { readonly data?: Record<string, unknown> };

/** The real client library, and everything that it has heard. */
export class SocketioClient {
	readonly socket: Socket;
	/** Every event received, oldest first. */
	readonly frames: Frame[] = [];
	readonly #seen = new Set<Frame>();
	readonly #watchers = new Set<() => void>();

	/** @param url of the namespace */
	constructor(url: string, options: SocketioOptions) {
		this.socket = io(url, { forceNew: true, reconnectionDelay: 5, ...options });
		this.socket.onAny((type: string, data: Record<string, unknown>) =>
			this.#note({ type, data }),
		);
		this.socket.on("disconnect", (reason) =>
			this.#note({ type: "disconnect", data: { reason } }),
		);
		this.socket.on("connect_error", (error) =>
			this.#note({
				type: "connect_error",
				data: error as unknown as Frame["data"],
			}),
		);
	}

	/** Emits with a callback; resolves with what that gets. */
	request(...args: readonly [type: string, ...unknown[]]): Promise<Reply> {
		return new Promise((resolve) => {
			this.socket.emit(...args, resolve);
		});
	}

	/** The oldest event of that name (`disconnect` and `connect_error` too) that no earlier call has returned. */
	async next(type: string): Promise<Frame> {
		const { promise, resolve } = Promise.withResolvers<Frame>();
		const look = () => {
			const frame = this.frames.find(
				(heard) => heard.type === type && !this.#seen.has(heard),
			);
			if (frame !== undefined) resolve(frame);
		};
		this.#watchers.add(look);
		look();
		const frame = await promise;
		this.#watchers.delete(look);
		this.#seen.add(frame);
		return frame;
	}

	of(type: string): readonly Frame[] {
		return this.frames.filter((frame) => frame.type === type);
	}

	/** Resolves when everything that the server has sent before has arrived. */
	async settled(): Promise<void> {
		await this.request("ping", {});
	}

	/** Why it was not let in. */
	async refusal(): Promise<Refusal> {
		const { data } = await this.next("connect_error");
		return data as unknown as Refusal;
	}

	/** Why the connection ended. */
	async reason(): Promise<unknown> {
		return (await this.next("disconnect")).data.reason;
	}

	#note(frame: Frame): void {
		this.frames.push(frame);
		for (const watch of [...this.#watchers]) watch();
	}
}
