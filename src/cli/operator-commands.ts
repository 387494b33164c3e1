import type { ServiceBroker } from "moleculer";
import { callAction } from "../bus/actions.ts";
import { isDocId, type UserId } from "../shared/ids.ts";

/** Rows that a list shows. */
const ROWS = 100;
/** A person whose tokens are revoked stays out for so long with those issued before: as long as they could live. */
const REVOKED_DAYS = 30;
const DAY_MS = 86_400_000;

export type Row = Readonly<Record<string, unknown>>;

/** What an operator types, in the console and as a one-shot command. */
export interface OperatorCommand {
	/** The name and its arguments, as commander takes them. */
	readonly usage: string;
	readonly description: string;
	/** Rows of a table. Throws with one line that says what was wrong. */
	run(
		broker: ServiceBroker,
		args: Readonly<Record<string, string | undefined>>,
	): Promise<readonly Row[]>;
}

export const OPERATOR_COMMANDS: readonly OperatorCommand[] = [
	{
		usage: "sessions [user]",
		description: "who is connected, and where",
		async run(broker, { user }) {
			const found = await each(broker, "ws-gateway", (nodeID) =>
				callAction(
					broker,
					"ws-gateway.sessions",
					{
						limit: ROWS,
						...(user === undefined ? {} : { userId: user as UserId }),
					},
					{ nodeID },
				),
			);
			return found.flatMap(([node, { total, sessions }]) => [
				...sessions.map(({ sessionId, userId, documents, rooms }) => ({
					node,
					user: userId,
					session: sessionId,
					in: [...documents, ...rooms].join(" "),
				})),
				...more(node, total - sessions.length),
			]);
		},
	},
	{
		usage: "rooms",
		description: "rooms and documents that people are in, by gateway",
		async run(broker) {
			const found = await each(broker, "ws-gateway", (nodeID) =>
				callAction(broker, "ws-gateway.rooms", { limit: ROWS }, { nodeID }),
			);
			return found.flatMap(([node, { total, rooms }]) => [
				...rooms.map(({ room, sessions }) => ({ node, room, sessions })),
				...more(node, total - rooms.length),
			]);
		},
	},
	{
		usage: "doc <id>",
		description: "a document: which node owns it, and where it stands",
		async run(broker, { id = "" }) {
			if (!isDocId(id)) throw new Error(`${id} is not a document's id`);
			const about = await callAction(broker, "document-ot.describe", {
				docId: id,
			});
			return [{ document: id, ...about }];
		},
	},
	{
		usage: "kick <user> [id]",
		description:
			"take a person out of a document; without one, end all of the person's sessions and tokens",
		async run(broker, { user = "", id }) {
			const userId = user as UserId;
			if (id === undefined) {
				const nowMs = Date.now();
				await callAction(broker, "room.revoke", {
					kind: "user",
					userId,
					// A token says in whole seconds when it was issued.
					revokedAtMs: nowMs + 1_000,
					untilMs: nowMs + REVOKED_DAYS * DAY_MS,
				});
				return [{ user, done: "every session ended, every token revoked" }];
			}
			if (!isDocId(id)) throw new Error(`${id} is not a document's id`);
			await callAction(broker, "room.kick", {
				docId: id,
				userId: "operator" as UserId,
				tokenRole: "owner",
				kickedId: userId,
			});
			return [{ user, document: id, done: "taken out" }];
		},
	},
	{
		usage: "drain <node>",
		description: "a node sends its clients elsewhere, finishes and ends",
		async run(broker, { node = "" }) {
			if (!nodesOf(broker).some(({ id }) => id === node))
				throw new Error(`there is no node ${node}; see: health`);
			await callAction(broker, "$node.drain", {}, { nodeID: node });
			return [{ node, done: "draining" }];
		},
	},
	{
		usage: "health",
		description: "every node, its services and how it is",
		async run(broker) {
			return Promise.all(
				nodesOf(broker).map(async ({ id, services }) => {
					const row = { node: id, services: services.join(" ") };
					try {
						const health: NodeHealth = await broker.call(
							"$node.health",
							{},
							{ nodeID: id, timeout: 2_000 },
						);
						return {
							...row,
							state: "up",
							"uptime s": Math.round(health.process.uptime),
							"memory MB": Math.round(health.process.memory.rss / 1e6),
							"load 1 min": health.cpu.load1,
						};
					} catch (error) {
						return { ...row, state: (error as Error).message };
					}
				}),
			);
		},
	},
];

interface NodeHealth {
	readonly process: {
		readonly uptime: number;
		readonly memory: { readonly rss: number };
	};
	readonly cpu: { readonly load1: number };
}

interface NodeEntry {
	readonly id: string;
	readonly services: readonly string[];
}

/** The nodes of the product, without consoles. */
export function nodesOf(broker: ServiceBroker): readonly NodeEntry[] {
	const nodes = broker.registry.getNodeList({
		onlyAvailable: true,
		withServices: true,
	}) as unknown as readonly {
		readonly id: string;
		readonly services: readonly { readonly name: string }[];
	}[];
	return nodes
		.map(({ id, services }) => ({
			id,
			services: services
				.map(({ name }) => name)
				.filter((name) => !name.startsWith("$"))
				.sort(),
		}))
		.filter(({ services }) => services.length > 0)
		.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Asks every node that has the service. */
async function each<T>(
	broker: ServiceBroker,
	service: string,
	ask: (nodeID: string) => Promise<T>,
): Promise<readonly (readonly [string, T])[]> {
	const nodes = nodesOf(broker).filter(({ services }) =>
		services.includes(service),
	);
	return Promise.all(nodes.map(async ({ id }) => [id, await ask(id)] as const));
}

const more = (node: string, count: number): readonly Row[] =>
	count > 0 ? [{ node, "not shown": count }] : [];
