import { once } from "node:events";
import { WebSocket } from "ws";

const GREETING = '42/ws,["session:ready"';

/** Engine.IO and Socket.IO packets by hand: no client library between the test and the wire. */
export class EngineWire {
	readonly socket: WebSocket;
	readonly packets: string[] = [];
	readonly closed: Promise<number>;
	readonly #watchers = new Set<() => void>();

	private constructor(socket: WebSocket) {
		this.socket = socket;
		socket.on("error", () => {});
		socket.on("message", (data) => {
			this.packets.push(String(data));
			for (const watch of [...this.#watchers]) watch();
		});
		this.closed = once(socket, "close").then(([code]) => code as number);
	}

	static async open(port: number, query = ""): Promise<EngineWire> {
		const wire = new EngineWire(
			new WebSocket(
				`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket${query}`,
			),
		);
		await once(wire.socket, "open");
		return wire;
	}

	/** With a session. */
	static async enter(port: number, token: string): Promise<EngineWire> {
		const wire = await EngineWire.open(port);
		wire.send(`40/ws,${JSON.stringify({ token })}`);
		await wire.next(GREETING);
		return wire;
	}

	send(...packets: readonly (string | Buffer)[]): void {
		for (const packet of packets) this.socket.send(packet);
	}

	/** Of the session that it has entered. */
	get sessionId(): string {
		const greeting = this.packets.find((text) => text.startsWith(GREETING));
		return JSON.parse(greeting?.slice("42/ws,".length) ?? "[]")[1].sessionId;
	}

	/** The first packet that begins or looks like that. */
	async next(start: string | RegExp): Promise<string> {
		const { promise, resolve, reject } = Promise.withResolvers<string>();
		const look = () => {
			const packet = this.packets.find((text) =>
				typeof start === "string" ? text.startsWith(start) : start.test(text),
			);
			if (packet !== undefined) resolve(packet);
		};
		this.#watchers.add(look);
		look();
		void this.closed.then((code) =>
			reject(new Error(`closed ${code} while waiting for ${start}`)),
		);
		const packet = await promise;
		this.#watchers.delete(look);
		return packet;
	}
}

/** One Engine.IO request over HTTP. */
export const poll = (
	port: number,
	query: string,
	init: RequestInit = {},
): Promise<Response> =>
	fetch(`http://127.0.0.1:${port}/socket.io/?${query}`, init);

/** A polling connection by hand; its `sid`. */
export async function openPolling(port: number): Promise<string> {
	const response = await poll(port, "EIO=4&transport=polling");
	const { sid } = JSON.parse((await response.text()).slice(1)) as {
		readonly sid: string;
	};
	return sid;
}
