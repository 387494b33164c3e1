import { once } from "node:events";
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";

/** A TCP proxy in front of a server, which cuts connections when the test says so. */
export class CutProxy {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	/** Connections so far. */
	opened = 0;

	private constructor(targetPort: number) {
		this.#server = createServer((near) => {
			this.opened += 1;
			const far = connect(targetPort, "127.0.0.1");
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				this.#sockets.add(one);
				one.on("error", () => {});
				one.on("close", () => {
					this.#sockets.delete(one);
					other.destroy();
				});
			}
			near.pipe(far).pipe(near);
		});
	}

	static async open(targetPort: number): Promise<CutProxy> {
		const proxy = new CutProxy(targetPort);
		proxy.#server.listen(0, "127.0.0.1");
		await once(proxy.#server, "listening");
		return proxy;
	}

	get ws(): string {
		const { port } = this.#server.address() as AddressInfo;
		return `ws://127.0.0.1:${port}/ws`;
	}

	/** Cuts every connection, whatever is on its way. */
	cut(): void {
		for (const socket of this.#sockets) socket.resetAndDestroy();
	}

	close(): void {
		this.cut();
		this.#server.close();
	}
}
