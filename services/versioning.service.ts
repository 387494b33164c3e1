import { join } from "node:path";
import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { admissionBy } from "../src/bus/admission.ts";
import { ASKED } from "../src/bus/served-actions.ts";
import { Teller } from "../src/bus/teller.ts";
import { versionDocumentsBy } from "../src/bus/version-documents.ts";
import { platformOf } from "../src/node/platform.ts";
import type { DocId } from "../src/shared/ids.ts";
import { GitProjection } from "../src/versioning/git-projection.ts";
import { VersionDesk } from "../src/versioning/version-desk.ts";
import { Versions } from "../src/versioning/versions.ts";

interface Vars {
	desk: VersionDesk;
	git: GitProjection | undefined;
}
type This = Service<ServiceSettingSchema> & Vars;
interface About {
	readonly params: { readonly docId: DocId };
}

/** Snapshots of documents that people have named, and the git repositories made of them. */
const versioningService: ServiceSchema<ServiceSettingSchema, object, Vars> = {
	name: "versioning",
	actions: {
		create: {
			params: ASKED,
			handler: handles<"versioning.create", This>(async function (asked) {
				const created = await this.desk.create(asked);
				const { prdId: docId, version } = created;
				this.broker.broadcast("version.created", { docId, version });
				return created;
			}),
		},
		update: {
			params: ASKED,
			handler: handles<"versioning.update", This>(function (asked) {
				return this.desk.update(asked);
			}),
		},
		restore: {
			params: ASKED,
			handler: handles<"versioning.restore", This>(function (asked) {
				return this.desk.restore(asked);
			}),
		},
		list: {
			params: ASKED,
			handler: handles<"versioning.list", This>(function (asked) {
				return this.desk.list(asked);
			}),
		},
		get: {
			params: ASKED,
			handler: handles<"versioning.get", This>(function (asked) {
				return this.desk.get(asked);
			}),
		},
		diff: {
			params: ASKED,
			handler: handles<"versioning.diff", This>(function (asked) {
				return this.desk.diff(asked);
			}),
		},
	},
	events: {
		/** What is lost of these the next start makes up for. */
		async "version.created"(this: This, { params }: About) {
			await this.git?.follow(params.docId);
		},
		async "document.erased"(this: This, { params }: About) {
			await this.git?.follow(params.docId);
		},
	},
	async started() {
		const { broker } = this;
		const { config, stores, bus, clock, logger } = platformOf(broker);
		const store = stores.versions;
		const documents = versionDocumentsBy(broker, stores.opLog);
		this.desk = new VersionDesk({
			versions: new Versions(store, documents, clock),
			admit: admissionBy(broker),
			teller: new Teller(bus),
			clock,
		});
		const root = join(config.dataDir, "git");
		this.git = new GitProjection(root, { store, logger });
		void this.git.followAll();
	},
	async stopped() {
		await this.git?.close();
	},
};
export default versioningService;
