import type { OpMessage } from "../protocol/document-message.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { DocumentStores } from "./awake-document.ts";
import type { CommitQueue } from "./commit-queue.ts";

export interface ActorPorts extends DocumentStores {
	readonly queue: Pick<CommitQueue, "schedule">;
	readonly publish: (docId: DocId, message: OpMessage) => void;
	readonly limits: Limits;
	readonly clock: Clock;
	readonly logger: Logger;
}
