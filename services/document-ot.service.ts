import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { DocumentDirectory } from "../src/documents/document-directory.ts";
import { platformOf } from "../src/node/platform.ts";
import { documentChannel } from "../src/protocol/document-message.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";

interface Vars {
	documents: DocumentDirectory;
}
type This = Service<ServiceSettingSchema> & Vars;

/** One owner, one log per document: submissions become committed ops. */
const documentOtService: ServiceSchema<ServiceSettingSchema, object, Vars> = {
	name: "document-ot",
	actions: {
		submit: {
			// Each item is validated where it is judged, and has its own result.
			params: { items: { type: "array", max: 10_000 } },
			handler: handles<"document-ot.submit", This>(function ({ items }) {
				return this.documents.submit(items);
			}),
		},
		join: {
			params: {
				docId: "string",
				sessionId: "string",
				userId: "string",
				clientId: "string|optional",
				since: {
					type: "object",
					optional: true,
					props: { rev: "number|integer|min:0", epoch: "string|optional" },
				},
			},
			handler: handles<"document-ot.join", This>(function (request) {
				return this.documents.join(request);
			}),
		},
		leave: {
			params: { docId: "string", sessionId: "string" },
			handler: handles<"document-ot.leave", This>(function ({
				docId,
				sessionId,
			}) {
				this.documents.leave(docId, sessionId);
			}),
		},
		opsSince: {
			params: { docId: "string", since: "number|integer|min:0" },
			handler: handles<"document-ot.opsSince", This>(function ({
				docId,
				since,
			}) {
				return this.documents.opsSince(docId, since);
			}),
		},
	},
	async started() {
		const { clock, logger, bus, stores } = platformOf(this.broker);
		this.documents = new DocumentDirectory({
			log: stores.opLog,
			snapshots: stores.snapshots,
			publish: (docId, message) => bus.publish(documentChannel(docId), message),
			limits: DEFAULT_LIMITS,
			clock,
			logger,
		});
		this.documents.start();
	},
	async stopped() {
		await this.documents?.close();
	},
};
export default documentOtService;
