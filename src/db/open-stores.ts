import type { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import { openDatabase } from "./connect.ts";
import type { DatabaseConfig } from "./database.ts";
import { SqlApprovalStore } from "./sql-approval-store.ts";
import { SqlCommentStore } from "./sql-comment-store.ts";
import { SqlDocumentEraser } from "./sql-document-eraser.ts";
import { SqlFactFeed } from "./sql-facts.ts";
import { SqlOpLog } from "./sql-op-log.ts";
import { SqlRevocationStore } from "./sql-revocation-store.ts";
import { SqlRoomStore } from "./sql-room-store.ts";
import { SqlSnapshotStore } from "./sql-snapshot-store.ts";
import { SqlVersionStore } from "./sql-version-store.ts";

/** Opens the database and every repository over it. Fails as `openDatabase` does. */
export async function openStores(
	config: DatabaseConfig,
	ports: {
		readonly clock: Clock;
		readonly newId: () => string;
		readonly onFatal: (error: CollabError) => void;
	},
) {
	const { clock, newId, onFatal } = ports;
	const database = await openDatabase(config, onFatal);
	return {
		opLog: new SqlOpLog({ database, clock, newId }),
		snapshots: new SqlSnapshotStore(database),
		rooms: new SqlRoomStore(database),
		comments: new SqlCommentStore(database),
		facts: new SqlFactFeed(database),
		approvals: new SqlApprovalStore(database),
		revocations: new SqlRevocationStore(database, clock),
		versions: new SqlVersionStore(database),
		eraser: new SqlDocumentEraser(database),
		durability: () => database.durability(),
		close: () => database.close(),
	};
}
