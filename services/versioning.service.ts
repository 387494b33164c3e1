import { join } from "node:path";
import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { admissionBy } from "../src/bus/admission.ts";
import { ASKED } from "../src/bus/served-actions.ts";
import { Teller } from "../src/bus/teller.ts";
import { versionDocumentsBy } from "../src/bus/version-documents.ts";
import { platformOf } from "../src/node/platform.ts";
import type { DocId } from "../src/shared/ids.ts";
import { AutoVersions } from "../src/versioning/auto-versions.ts";
import { GitProjection } from "../src/versioning/git-projection.ts";
import { HttpRemote } from "../src/versioning/http-remote.ts";
import type { Version } from "../src/versioning/version.ts";
import { VersionDesk } from "../src/versioning/version-desk.ts";
import { Versions } from "../src/versioning/versions.ts";

interface Vars {
	desk: VersionDesk;
	git: GitProjection | undefined;
	auto: AutoVersions | undefined;
}
interface Methods {
	/** Tells the other services. */
	announce(docId: DocId, version: string): void;
}
type This = Service<ServiceSettingSchema> & Vars & Methods;
interface About {
	readonly params: { readonly docId: DocId };
}

/** Snapshots of documents that people have named, and the git repositories made of them. */
const versioningService: ServiceSchema<ServiceSettingSchema, Methods, Vars> = {
	name: "versioning",
	actions: {
		create: {
			params: ASKED,
			handler: handles<"versioning.create", This>(async function (asked) {
				const created = await this.desk.create(asked);
				this.announce(created.prdId, created.version);
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
	methods: {
		announce(this: This, docId, version) {
			this.broker.broadcast("version.created", { docId, version });
		},
	},
	async started() {
		const { broker } = this;
		const { config, stores, bus, clock, logger } = platformOf(broker);
		const store = stores.versions;
		const documents = versionDocumentsBy(broker, stores.opLog);
		const versions = new Versions(store, documents, clock);
		this.desk = new VersionDesk({
			versions,
			admit: admissionBy(broker),
			teller: new Teller(bus),
			clock,
		});
		const root = join(config.dataDir, "git");
		const { gitRemoteUrl: url, auto } = config.versions;
		const remote =
			url === undefined ? {} : { remote: new HttpRemote(url, logger) };
		this.git = new GitProjection(root, { store, logger, ...remote });
		void this.git.followAll();
		if (auto === undefined) return;
		const made = (version: Version) => {
			this.desk.announce(version);
			this.announce(version.docId, version.version);
		};
		const ports = { store, versions, made, clock, logger };
		this.auto = new AutoVersions(auto, ports);
		this.auto.start();
	},
	async stopped() {
		this.auto?.close();
		await this.git?.close();
	},
};
export default versioningService;
