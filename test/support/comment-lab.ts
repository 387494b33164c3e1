import { expect } from "@jest/globals";
import { Product, tokenFor } from "./product.ts";
import { connect, type Frame, type RawClient } from "./raw-client.ts";
import { SocketioClient } from "./socketio-client.ts";
import { createDataDir, type DataDir } from "./sqlite.ts";

const PEOPLE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
	user_123: { name: "John Doe", avatar: "https://example.com/john.png" },
	user_456: { name: "Sarah Smith" },
};

/** Twenty lines; the seed's example speaks of those from 15 to 17. */
const TEXT = Array.from(
	{ length: 20 },
	(_, line) => `Line ${line} ${"😀".repeat(line % 3)}${"x".repeat(60)}`,
).join("\n");

/** `comment:add` as the API seed prints it. */
export const EXAMPLE = {
	content: "This section needs clarification",
	position: { line: 15, ch: 0 },
	selection: { start: { line: 15, ch: 0 }, end: { line: 17, ch: 50 } },
	mentions: ["user_456"],
};

/** What everybody is told of it. */
export const toldOf = (prdId: string) => ({
	commentId: expect.stringMatching(/^comment_/),
	prdId,
	author: {
		id: "user_123",
		name: "John Doe",
		avatar: "https://example.com/john.png",
	},
	...EXAMPLE,
	range: { position: expect.any(Number), length: expect.any(Number) },
	revision: 1,
	orphaned: false,
	quote: expect.stringMatching(/^Line 15 /),
	reactions: [],
	createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
});

/** The product, and the people of the seed's examples who comment in it. */
export class CommentLab {
	product: Product;
	readonly #dataDir: DataDir;
	#names = 0;

	private constructor(product: Product, dataDir: DataDir) {
		this.product = product;
		this.#dataDir = dataDir;
	}

	static async start(): Promise<CommentLab> {
		const dataDir = createDataDir();
		return new CommentLab(await Product.start(dataDir.path), dataDir);
	}

	/** Kills the product and starts it again. */
	async restart(): Promise<void> {
		await this.product.kill();
		this.product = await Product.start(this.#dataDir.path);
	}

	async close(): Promise<void> {
		await this.product.kill();
		this.#dataDir.remove();
	}

	person(id: string, claims = PEOPLE[id] ?? {}): Promise<RawClient> {
		return connect(this.product.ws, { token: tokenFor(id, claims) });
	}

	overSocketio(id: string): SocketioClient {
		return new SocketioClient(this.product.ws, {
			auth: { token: tokenFor(id, PEOPLE[id] ?? {}) },
			transports: ["websocket"],
		});
	}

	/** John's document with that text, in which Sarah has a role; both are in it. */
	async both(role = "edit", text = TEXT) {
		this.#names += 1;
		const prdId = `prd_123.${this.#names}`;
		const john = await this.person("user_123");
		await john.request("document:join", { prdId, mode: "edit" });
		const userId = "user_456";
		await john.request("room:invite", { room: prdId, userId, role });
		if (text !== "") await insert(john, prdId, 0, text, 0);
		const sarah = await this.person(userId);
		await sarah.request("document:join", { prdId, mode: role });
		return { prdId, john, sarah };
	}

	async get(path: string, as = "user_123") {
		const response = await fetch(this.product.url + path, {
			headers: { authorization: `Bearer ${tokenFor(as)}` },
		});
		const text = await response.text();
		return { status: response.status, headers: response.headers, text };
	}
}

export const write = (who: RawClient, prdId: string, operation: object) =>
	who.request("operation:edit", { prdId, operation: { ...operation } });
export const insert = (
	who: RawClient,
	prdId: string,
	position: number,
	content: string,
	revision: number,
) => write(who, prdId, { type: "insert", position, content, revision });
export const remove = (
	who: RawClient,
	prdId: string,
	position: number,
	length: number,
	revision: number,
) => write(who, prdId, { type: "delete", position, length, revision });

export const list = async (
	who: RawClient,
	prdId: string,
	filter: object = {},
) => {
	const { type, data } = await who.request("comment:list", {
		prdId,
		...filter,
	});
	expect(type).toBe("ack");
	return data as {
		readonly comments: readonly Record<string, unknown>[];
		readonly revision: number;
		readonly nextCursor?: string;
	};
};
export const add = async (
	who: RawClient,
	prdId: string,
	fields: object = {},
) => {
	const answer = await who.request("comment:add", {
		prdId,
		content: "Why?",
		...fields,
	});
	expect(answer).toMatchObject({ type: "ack" });
	return answer.data as Record<string, unknown> & {
		readonly commentId: string;
	};
};
export const codeOf = ({ type, data }: Frame) => [type, data.code];
