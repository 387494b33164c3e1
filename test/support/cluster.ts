import { NatsServer } from "./nats-server.ts";
import { createPostgresDatabase } from "./postgres.ts";
import { Product } from "./product.ts";
import { RedisServer } from "./redis-server.ts";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";

export const BUS_KINDS = ["nats", "redis"] as const;

/** The product as processes of one service each, over servers of its own. */
export class Cluster {
	readonly owners: Product[] = [];
	readonly gateways: Product[] = [];
	readonly #others: Product[] = [];
	readonly #nats: NatsServer | undefined;
	readonly redis: RedisServer;
	readonly #dataDir = createTempFolder("cluster");
	readonly #environment: Readonly<Record<string, string>>;

	private constructor(
		bus: { readonly nats?: NatsServer; readonly redis: RedisServer },
		databaseUrl: string,
	) {
		const { nats, redis } = bus;
		this.#nats = nats;
		this.redis = redis;
		this.#environment = {
			DATABASE_URL: databaseUrl,
			REDIS_URL: redis.url(),
			...(nats === undefined ? { BUS: "redis" } : { NATS_URL: nats.url() }),
		};
	}

	/** Two owners and two gateways, one of each other service that these need, and of those named; resolves when all are ready. */
	static async start(
		bus: (typeof BUS_KINDS)[number],
		services: readonly string[] = [],
	): Promise<Cluster> {
		const redis = await RedisServer.start();
		const servers =
			bus === "redis" ? { redis } : { redis, nats: await NatsServer.start() };
		const cluster = new Cluster(servers, await createPostgresDatabase());
		try {
			// Gateways first: they wait for the others.
			await Promise.all([
				cluster.addGateway(),
				cluster.addGateway(),
				cluster.addOwner(),
				cluster.addOwner(),
				cluster.#add(cluster.#others, "room"),
				cluster.#add(cluster.#others, "presence"),
				...services.map((name) => cluster.#add(cluster.#others, name)),
			]);
		} catch (error) {
			await cluster.close();
			throw error;
		}
		return cluster;
	}

	/** The server that all talk over. */
	get bus(): NatsServer | RedisServer {
		return this.#nats ?? this.redis;
	}

	addOwner = (): Promise<Product> => this.#add(this.owners, "document-ot");
	addGateway = (): Promise<Product> => this.#add(this.gateways, "ws-gateway");

	/** What all processes have written to stderr. */
	get log(): string {
		const all = [...this.owners, ...this.gateways, ...this.#others];
		return all.map(({ log }) => log()).join("\n");
	}

	async close(): Promise<void> {
		const all = [...this.owners, ...this.gateways, ...this.#others];
		await Promise.all(all.map((product) => product.kill()));
		await this.#nats?.close();
		await this.redis.close();
		removeTempFolder(this.#dataDir);
	}

	async #add(list: Product[], service: string): Promise<Product> {
		const product = await Product.start(this.#dataDir, this.#environment, [
			service,
		]);
		list.push(product);
		return product;
	}
}
