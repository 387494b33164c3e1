import { once } from "node:events";
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { Flow, type FlowSettings, type Mangle } from "./tcp-flow.ts";

export interface TcpProxyOptions {
	readonly host?: string;
	/** 0: any free one. */
	readonly port?: number;
	/** Made anew for each connection: what becomes of the bytes that go to the server. */
	readonly mangler?: () => Mangle;
}

/** A TCP line to a server on which the test does what networks do. */
export class TcpProxy {
	readonly #server: Server;
	readonly #targetPort: number;
	readonly #mangler: TcpProxyOptions["mangler"];
	readonly #sockets = new Set<Socket>();
	readonly #flows = { toServer: new Set<Flow>(), toClient: new Set<Flow>() };
	readonly #settings: Record<FlowDirection, FlowSettings> = {
		toServer: {},
		toClient: {},
	};
	#isCut = false;
	/** Connections let through so far. */
	opened = 0;

	private constructor(targetPort: number, mangler: TcpProxyOptions["mangler"]) {
		this.#targetPort = targetPort;
		this.#mangler = mangler;
		this.#server = createServer({ allowHalfOpen: true }, (near) =>
			this.#accept(near),
		);
	}

	static async open(
		targetPort: number,
		{ host = "127.0.0.1", port = 0, mangler }: TcpProxyOptions = {},
	): Promise<TcpProxy> {
		const proxy = new TcpProxy(targetPort, mangler);
		proxy.#server.listen(port, host);
		await once(proxy.#server, "listening");
		return proxy;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** Resets every connection, whatever is on its way; new ones come through. */
	drop(): void {
		for (const socket of this.#sockets) socket.resetAndDestroy();
	}

	/** As `drop`, and new connections are reset too, until `heal`. */
	cut(): void {
		this.#isCut = true;
		this.drop();
	}

	/** The line is as good as new: nothing cut, stalled, slow or late. */
	heal(): void {
		this.#isCut = false;
		this.shape("toServer", {});
		this.shape("toClient", {});
	}

	/** What happens from now on to bytes in one direction, on all connections. */
	shape(direction: FlowDirection, settings: FlowSettings): void {
		this.#settings[direction] = settings;
		for (const flow of this.#flows[direction]) flow.shape(settings);
	}

	async close(): Promise<void> {
		this.cut();
		if (!this.#server.listening) return;
		this.#server.close();
		await once(this.#server, "close");
	}

	#accept(near: Socket): void {
		if (this.#isCut) {
			near.on("error", () => {}).resetAndDestroy();
			return;
		}
		this.opened += 1;
		const far = connect({
			port: this.#targetPort,
			host: "127.0.0.1",
			allowHalfOpen: true,
		});
		this.#join("toServer", near, far, this.#mangler?.());
		this.#join("toClient", far, near);
	}

	#join(
		direction: FlowDirection,
		from: Socket,
		to: Socket,
		mangle?: Mangle,
	): void {
		const flow = new Flow(from, to, this.#settings[direction], mangle);
		this.#flows[direction].add(flow);
		this.#sockets.add(from);
		from.on("error", () => {});
		from.on("close", (hadError) => {
			this.#flows[direction].delete(flow);
			this.#sockets.delete(from);
			if (hadError || !from.readableEnded) to.resetAndDestroy();
		});
	}
}

type FlowDirection = "toServer" | "toClient";
