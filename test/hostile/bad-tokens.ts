import { expect } from "@jest/globals";
import type { Product } from "../support/product.ts";
import { connect, UpgradeRefused } from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";
import { enter, tokenOf } from "./message-attacker.ts";

type Told = Readonly<Record<string, unknown>>;
/** Shows a bad token; resolves with the error, less the name of what was asked for. */
type Show = (product: Product, token: string) => Promise<Told>;

const told = (operation: string, { operation: named, ...rest }: Told): Told => {
	expect(named).toBe(operation);
	return rest;
};

const upgrade: Show = async ({ ws }, token) => {
	const refused = await connect(ws, { token }).catch((error) => error);
	if (!(refused instanceof UpgradeRefused)) throw refused;
	expect(refused.status).toBe(401);
	return told("connect", JSON.parse(refused.body));
};

const firstFrame: Show = async ({ ws }, token) => {
	const client = await connect(ws, { token, via: "frame" });
	expect((await client.closed).code).toBe(4101);
	const [frame, ...more] = client.frames;
	expect([frame?.type, more]).toEqual(["error:auth", []]);
	return told("auth", frame?.data ?? {});
};

const handshake: Show = async ({ url }, token) => {
	const client = new SocketioClient(`${url}/ws`, {
		auth: { token },
		transports: ["websocket"],
		reconnection: false,
	});
	const { data } = await client.refusal();
	client.socket.disconnect();
	return told("connect", data ?? {});
};

/** The session that shows it lives on. */
const refresh =
	(door: "raw" | "Socket.IO"): Show =>
	async (product, token) => {
		const attacker = await enter(product, door, tokenOf("eve"));
		attacker.forget();
		const frame = { type: "auth:refresh", data: { token } };
		const answer = await attacker.ask(frame);
		expect(answer?.type).toBe(door === "raw" ? "error:auth" : "refused");
		await attacker.settled();
		attacker.close();
		return told("auth:refresh", answer?.data ?? {});
	};

/** Everywhere that a token is shown. */
export const WAYS_IN: Readonly<Record<string, Show>> = {
	"at the upgrade": upgrade,
	"in the first frame": firstFrame,
	"at Socket.IO's handshake": handshake,
	"to a raw session": refresh("raw"),
	"to a Socket.IO session": refresh("Socket.IO"),
};
