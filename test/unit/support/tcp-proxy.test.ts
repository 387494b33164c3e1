import { once } from "node:events";
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { TcpProxy } from "../../support/tcp-proxy.ts";

describe("a line of the tests", () => {
	let server: Server;
	let proxy: TcpProxy;
	let sockets: Socket[];

	beforeEach(async () => {
		sockets = [];
		// An echo.
		server = createServer({ allowHalfOpen: true }, (socket) => {
			sockets.push(socket.on("error", () => {}));
			socket.pipe(socket);
		}).listen(0, "127.0.0.1");
		await once(server, "listening");
		proxy = await TcpProxy.open((server.address() as AddressInfo).port);
	});
	afterEach(async () => {
		await proxy.close();
		for (const socket of sockets) socket.destroy();
		server.close();
	});

	async function dial(): Promise<Socket> {
		const socket = connect({
			port: proxy.port,
			host: "127.0.0.1",
			allowHalfOpen: true,
		});
		sockets.push(socket);
		await once(socket, "connect");
		return socket;
	}

	async function echo(socket: Socket, text: string): Promise<string> {
		socket.setEncoding("utf8").write(text);
		let heard = "";
		while (heard.length < text.length)
			heard += (await once(socket, "data"))[0] as string;
		return heard;
	}

	it("[LINE-1] a line passes bytes on in both directions, and the end too", async () => {
		const socket = await dial();
		const text = "x".repeat(3_000_000);
		expect(await echo(socket, text)).toBe(text);
		socket.end();
		await once(socket, "end");
		expect(proxy.opened).toBe(1);
	});

	it("[LINE-2] dropped connections are reset, new ones come through", async () => {
		const socket = await dial();
		await echo(socket, "a");
		proxy.drop();
		expect((await once(socket, "error"))[0].code).toBe("ECONNRESET");
		expect(await echo(await dial(), "b")).toBe("b");
	});

	it("[LINE-2] a line that is cut resets new connections too, until it is healed", async () => {
		const socket = await dial();
		await echo(socket, "a");
		proxy.cut();
		await once(socket, "error");
		const second = connect(proxy.port, "127.0.0.1");
		expect((await once(second, "error"))[0].code).toBe("ECONNRESET");
		expect(proxy.opened).toBe(1);
		proxy.heal();
		expect(await echo(await dial(), "b")).toBe("b");
	});

	it("[LINE-3] a late line delivers everything later, in order", async () => {
		proxy.shape("toClient", { delayMs: 60 });
		const socket = await dial();
		const startMs = performance.now();
		const text = "0123456789".repeat(20_000);
		expect(await echo(socket, text)).toBe(text);
		expect(performance.now() - startMs).toBeGreaterThanOrEqual(59);
	});

	it("[LINE-3] a slow line takes its time for every byte", async () => {
		const socket = await dial();
		await echo(socket, "a");
		proxy.shape("toServer", { bytesPerSecond: 1_000_000 });
		const startMs = performance.now();
		const text = "x".repeat(300_000);
		expect(await echo(socket, text)).toBe(text);
		// The last chunk is not waited for.
		expect(performance.now() - startMs).toBeGreaterThan(150);
	});

	it("[LINE-4] one direction stands still while the other goes on", async () => {
		const socket = await dial();
		await echo(socket, "a");
		proxy.shape("toServer", { isStalled: true });
		socket.write("b");
		const [served] = sockets.filter((one) => one !== socket);
		served?.write("c");
		expect((await once(socket, "data"))[0]).toBe("c");
		proxy.heal();
		expect((await once(socket, "data"))[0]).toBe("b");
	});

	it("[LINE-4] a direction that stands still makes the sender wait", async () => {
		const socket = await dial();
		proxy.shape("toServer", { isStalled: true });
		while (socket.write(Buffer.alloc(1_000_000)));
		expect(socket.writableNeedDrain).toBe(true);
		proxy.heal();
		socket.resume();
		await once(socket, "drain");
	});
});
