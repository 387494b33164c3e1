import { DocumentDirectory } from "../../src/documents/document-directory.ts";
import { documentChannel } from "../../src/protocol/document-message.ts";
import type { Clock } from "../../src/shared/clock.ts";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import type { Logger } from "../../src/shared/logger.ts";
import type { ChannelBus } from "../../src/shared/ports/channel-bus.ts";
import { DiskLine, type SimDisk } from "./sim-disk.ts";

/** A process that owns documents; the real directory over a line to the shared database. */
export class SimOwner {
	readonly name: string;
	readonly directory: DocumentDirectory;
	readonly #disk: SimDisk;
	readonly #line: DiskLine;
	isAlive = true;

	constructor(
		name: string,
		disk: SimDisk,
		bus: ChannelBus,
		clock: Clock,
		logger: Logger,
	) {
		this.name = name;
		this.#disk = disk;
		this.#line = new DiskLine(disk);
		this.directory = new DocumentDirectory({
			log: this.#line,
			snapshots: this.#line,
			publish: (docId, message) => {
				if (this.isAlive) bus.publish(documentChannel(docId), message);
			},
			limits: DEFAULT_LIMITS,
			clock: {
				nowMs: () => clock.nowMs(),
				after: (delayMs, task) =>
					clock.after(delayMs, () => {
						if (this.isAlive) task();
					}),
			},
			logger,
		});
		this.directory.start();
	}

	/** Finishes what it has begun, without delay. */
	async finish(turn: () => Promise<void>): Promise<void> {
		do await turn();
		while (this.#disk.finish(this.#line));
	}

	/** Nothing of it is ever heard again, but for a commit that has left already. */
	crash(): void {
		this.isAlive = false;
		this.#disk.hangUp(this.#line);
	}
}
