import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import jwt from "jsonwebtoken";
import { Authenticator } from "../../src/gateway/authenticate.ts";
import { Doors } from "../../src/gateway/doors.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import {
	HTTP_SERVER_LIMITS,
	MAX_HEADERS,
} from "../../src/gateway/http-limits.ts";
import type { RawDoor } from "../../src/gateway/raw-door.ts";
import type { DocId, SessionId, UserId } from "../../src/shared/ids.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/shared/limits.ts";
import type { LogFields, Logger } from "../../src/shared/logger.ts";
import type { Role } from "../../src/shared/roles.ts";
import { checkFrame } from "./check-frame.ts";
import { HeldBus } from "./held-bus.ts";
import { ManualClock } from "./manual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { MemoryQuota } from "./memory-quota.ts";
import { type ConnectOptions, connect, type RawClient } from "./raw-client.ts";

export const LAB_SECRET = "a-secret-of-the-tests-with-at-least-32-bytes";
export const LAB_ORIGIN = "https://app.example.com";

/** One line of the log. */
export type LogLine = LogFields & {
	readonly level: string;
	readonly message: string;
};

/** A gateway behind a real HTTP server, with a hand-held clock and bus and services in memory. */
export class GatewayLab {
	readonly clock: ManualClock;
	readonly bus: HeldBus;
	readonly backend: MemoryBackend;
	/** Shared with a lab beside this one, as are clock, bus and services. */
	readonly quota: MemoryQuota;
	readonly lines: LogLine[] = [];
	readonly gateway: Gateway;
	readonly doors: Doors;
	readonly door: RawDoor;
	readonly server: Server;
	readonly clients: RawClient[] = [];
	#sessions = 0;

	constructor(
		limits: Partial<Limits>,
		http: ServerOptions,
		isLimiting: boolean,
		beside?: GatewayLab,
	) {
		const clock = beside?.clock ?? new ManualClock();
		const bus = beside?.bus ?? new HeldBus({ isHolding: false });
		const backend = beside?.backend ?? new MemoryBackend(bus);
		const quota = beside?.quota ?? new MemoryQuota(clock);
		this.clock = clock;
		this.bus = bus;
		this.backend = backend;
		this.quota = quota;
		const name = beside === undefined ? "session" : "beside";
		this.gateway = new Gateway({
			clock,
			bus,
			backend,
			log: this.#logger(),
			limits: { ...DEFAULT_LIMITS, ...limits },
			authenticator: new Authenticator({ key: LAB_SECRET }, clock),
			newSessionId: () => {
				this.#sessions += 1;
				return `${name}-${this.#sessions}` as SessionId;
			},
			random: () => 0.5,
			isLimiting,
			quota,
		});
		this.doors = new Doors(this.gateway, { allowedOrigins: [LAB_ORIGIN] });
		this.door = this.doors.raw;
		this.server = createServer(
			{ ...HTTP_SERVER_LIMITS, ...http },
			(request, response) => {
				if (!this.doors.request(request, response))
					response.writeHead(404).end();
			},
		);
		this.server.maxHeadersCount = MAX_HEADERS;
		this.server.on("upgrade", this.doors.upgrade);
	}

	/** @param beside another gateway of the same installation */
	static async open(
		limits: Partial<Limits> = {},
		http: ServerOptions = {},
		isLimiting = false,
		beside?: GatewayLab,
	): Promise<GatewayLab> {
		const lab = new GatewayLab(limits, http, isLimiting, beside);
		await lab.gateway.open();
		lab.server.listen(0, "127.0.0.1");
		await once(lab.server, "listening");
		return lab;
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port;
	}

	get url(): string {
		return `ws://127.0.0.1:${this.port}/ws`;
	}

	/** Lets a person into a document as that. */
	member(docId: string, userId: string, role: Role): void {
		this.backend.document(docId as DocId).roles.set(userId as UserId, role);
	}

	/** Somebody who has come in and joined the document (made by the first). */
	async editor(
		userId: string,
		docId: string,
		join: Readonly<Record<string, unknown>> = {},
		claims: Readonly<Record<string, unknown>> = {},
	): Promise<RawClient> {
		const client = await this.enter(userId, claims);
		const data = { prdId: docId, mode: "edit", ...join };
		if (this.backend.documents.has(docId as DocId))
			this.member(docId, userId, "edit");
		const answer = await client.request("document:join", data);
		if (answer.type !== "ack") throw new Error(JSON.stringify(answer));
		return client;
	}

	/** A token of the lab's clock. */
	token(
		userId: string,
		claims: Readonly<Record<string, unknown>> = {},
	): string {
		const iat = Math.floor(this.clock.nowMs() / 1000);
		return jwt.sign(
			{ sub: userId, iat, exp: iat + 3_600, ...claims },
			LAB_SECRET,
		);
	}

	async connect(options: ConnectOptions): Promise<RawClient> {
		const client = await connect(this.url, options);
		this.clients.push(client);
		return client;
	}

	/** Somebody who has come in and been greeted. */
	async enter(
		userId: string,
		claims: Readonly<Record<string, unknown>> = {},
	): Promise<RawClient> {
		const client = await this.connect({ token: this.token(userId, claims) });
		await client.next("session:ready");
		return client;
	}

	async close(): Promise<void> {
		for (const { socket } of this.clients) socket.terminate();
		this.doors.close();
		this.gateway.close();
		this.server.close();
		this.server.closeAllConnections();
		// Whatever a test is about: nothing may be sent that the registry does not describe.
		for (const { frames } of this.clients) frames.forEach(checkFrame);
	}

	#logger(): Logger {
		const note = (level: string) => (fields: LogFields, message: string) => {
			this.lines.push({ ...fields, level, message });
		};
		return { info: note("info"), warn: note("warn"), error: note("error") };
	}
}
