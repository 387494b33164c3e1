import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import type { Author, Version } from "./version.ts";
import type { AutoPolicy, VersionStore } from "./version-store.ts";
import type { Versions } from "./versions.ts";

const SWEEP_MS = 60_000;
/** Documents in one sweep; the others come with the next one. */
const MOST = 100;

/** Whom such versions are by. */
export const AUTO_AUTHOR: Author = {
	id: "prdtool" as UserId,
	name: "prdtool",
};

/** Makes versions of documents that nobody makes versions of. */
export class AutoVersions {
	readonly #policy: AutoPolicy;
	readonly #store: Pick<VersionStore, "listDue">;
	readonly #versions: Pick<Versions, "create">;
	readonly #made: (version: Version) => void;
	readonly #clock: Clock;
	readonly #logger: Logger;
	#cancel = () => {};
	#isClosed = false;

	constructor(
		policy: AutoPolicy,
		ports: {
			readonly store: Pick<VersionStore, "listDue">;
			readonly versions: Pick<Versions, "create">;
			/** Told of each one. */
			readonly made: (version: Version) => void;
			readonly clock: Clock;
			readonly logger: Logger;
		},
	) {
		this.#policy = policy;
		this.#store = ports.store;
		this.#versions = ports.versions;
		this.#made = ports.made;
		this.#clock = ports.clock;
		this.#logger = ports.logger;
	}

	/** Sweeps every minute from now on. */
	start(): void {
		if (this.#isClosed) return;
		this.#cancel = this.#clock.after(SWEEP_MS, () => {
			void this.sweep().finally(() => this.start());
		});
	}

	close(): void {
		this.#isClosed = true;
		this.#cancel();
	}

	/** Makes what is due. Never rejects: what has failed is due again. */
	async sweep(): Promise<void> {
		try {
			const nowMs = this.#clock.nowMs();
			for (const docId of await this.#store.listDue(this.#policy, nowMs, MOST))
				if (!this.#isClosed) await this.#make(docId);
		} catch (err) {
			this.#logger.warn({ err }, "versions were not made by themselves");
		}
	}

	async #make(docId: DocId): Promise<void> {
		try {
			const request = { docId, author: AUTO_AUTHOR, bump: "patch" } as const;
			this.#made(await this.#versions.create(request));
		} catch (error) {
			// Somebody, or another node, was faster; or the document has gone.
			const code = error instanceof CollabError ? error.code : undefined;
			if (code !== "ALREADY_EXISTS" && code !== "NOT_FOUND") throw error;
		}
	}
}
