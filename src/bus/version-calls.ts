import type { ServiceBroker } from "moleculer";
import type { Versions } from "../approvals/versions.ts";
import type { VersionStore } from "../versioning/version-store.ts";
import { askService } from "./ask-service.ts";

/** The versions, for those who decide about them. */
export const versionsBy = (
	broker: ServiceBroker,
	store: Pick<VersionStore, "latest">,
): Versions => ({
	findLatest: async (docId) => {
		const latest = await store.latest(docId);
		return latest && { version: latest.version, contentHash: latest.tree };
	},
	create: (person, prdId, version) => {
		const data = { prdId, version };
		return askService(broker, { event: "version:create", person, data });
	},
});
