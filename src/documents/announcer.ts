import type { HeadMessage, OpMessage } from "../protocol/document-message.ts";
import type { DocId } from "../shared/ids.ts";
import type { ActorPorts } from "./actor-ports.ts";

/** Tells a document's channel what is on disk. */
export class Announcer {
	readonly #docId: DocId;
	readonly #ports: Pick<ActorPorts, "publish" | "logger">;
	/** After a failed commit: the revision up to which the channel has been told. */
	#toldRev: number | undefined;

	constructor(docId: DocId, ports: Pick<ActorPorts, "publish" | "logger">) {
		this.#docId = docId;
		this.#ports = ports;
	}

	committed(message: OpMessage): void {
		this.#publish(message);
	}

	/** A commit above this revision failed, or nobody knows. */
	lostAt(rev: number): void {
		this.#toldRev ??= rev;
	}

	/** The document was loaded at `rev`: what took effect of a failed commit is told by its number. */
	readBack(rev: number): void {
		if (this.#toldRev !== undefined && this.#toldRev < rev)
			this.#publish({ head: { kind: "head", rev } });
		this.#toldRev = undefined;
	}

	/** A message that does not go out is a gap that receivers find by its number. */
	#publish(message: OpMessage | HeadMessage): void {
		try {
			this.#ports.publish(this.#docId, message);
		} catch (err) {
			const { rev: revision } = message.head;
			this.#ports.logger.error(
				{ prdId: this.#docId, revision, err },
				"a message could not be published",
			);
		}
	}
}
