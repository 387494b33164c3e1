import type { HeadMessage, OpMessage } from "../protocol/document-message.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { DocumentStores } from "./awake-document.ts";
import type { CommitQueue } from "./commit-queue.ts";

/** What documents need of their node. */
export interface ActorPorts extends DocumentStores {
	readonly queue: Pick<CommitQueue, "schedule">;
	readonly publish: (docId: DocId, message: OpMessage | HeadMessage) => void;
	readonly clock: Clock;
}
