import type { Middleware, ServiceBroker } from "moleculer";
import type { ApprovalStore } from "../approvals/approval-store.ts";
import type { CommentStore } from "../comments/comment-store.ts";
import type { DocumentEraser } from "../documents/document-eraser.ts";
import type { OpLog } from "../documents/op-log.ts";
import type { SnapshotStore } from "../documents/snapshot-store.ts";
import type { PresenceBook } from "../presence/presence-book.ts";
import type { RevocationStore } from "../rooms/revocation-store.ts";
import type { RoomStore } from "../rooms/room-store.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import type { FactFeed } from "../shared/ports/fact-feed.ts";
import type { Quota } from "../shared/ports/quota.ts";
import type { VersionStore } from "../versioning/version-store.ts";
import type { Config } from "./config.ts";

/** What the domain keeps in the database. */
export interface Stores {
	readonly opLog: OpLog;
	readonly snapshots: SnapshotStore;
	readonly rooms: RoomStore;
	readonly revocations: RevocationStore;
	readonly approvals: ApprovalStore;
	readonly comments: CommentStore;
	readonly facts: FactFeed;
	readonly versions: VersionStore;
	readonly eraser: DocumentEraser;
	close(): Promise<void>;
}

/** What processes share for a while, and can do without: in Redis, or in the memory of one that is alone. */
export interface SoftState {
	/** False: what needs it is each process's own for now. */
	isUp(): boolean;
	readonly presence: PresenceBook;
	/** Absent: there is nobody to share it with. */
	readonly quota?: Quota;
	close(): Promise<void>;
}

/** What a process has once: made before its services start, closed after they have stopped. */
export interface Platform {
	readonly config: Config;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Unguessable, `[A-Za-z0-9_-]`. */
	readonly newId: () => string;
	readonly bus: ChannelBus;
	readonly stores: Stores;
	readonly softState: SoftState;
}

const configs = new WeakMap<ServiceBroker, Config>();
const platforms = new WeakMap<ServiceBroker, Platform>();

/** The configuration of the process that a service runs in; there from the service's creation on. */
export function configOf(broker: ServiceBroker): Config {
	const config = configs.get(broker);
	if (config === undefined)
		throw new Error("the broker has no platform middleware");
	return config;
}

/** The platform of the process that a service runs in; there from `started` on. */
export function platformOf(broker: ServiceBroker): Platform {
	const platform = platforms.get(broker);
	if (platform === undefined)
		throw new Error("the platform is there while the broker runs");
	return platform;
}

export const platformMiddleware = (
	config: Config,
	open: () => Promise<Platform>,
): Middleware => ({
	name: "Platform",
	created(broker: ServiceBroker) {
		configs.set(broker, config);
	},
	async starting(broker: ServiceBroker) {
		platforms.set(broker, await open());
	},
	async stopped(broker: ServiceBroker) {
		// Absent when it is stopped while it starts.
		const platform = platforms.get(broker);
		await platform?.softState.close();
		await platform?.bus.close();
		await platform?.stores.close();
	},
});
