import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { DocumentDirectory } from "../src/documents/document-directory.ts";
import { platformOf } from "../src/node/platform.ts";
import {
	type DocumentHeadMessage,
	documentChannel,
} from "../src/protocol/document-message.ts";
import { type DocId, sessionIdOf } from "../src/shared/ids.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";

interface Vars {
	documents: DocumentDirectory;
}
interface Methods {
	/** Removes a document for good, then tells everybody in it. */
	erase(docId: DocId): Promise<void>;
}
type This = Service<ServiceSettingSchema> & Vars & Methods;

/** One owner, one log per document: submissions become committed ops. */
const documentOtService: ServiceSchema<ServiceSettingSchema, Methods, Vars> = {
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
					props: {
						rev: "number|integer|min:0|optional",
						clock: "object|optional",
						epoch: "string|optional",
					},
				},
				earlier: "string|optional",
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
		read: {
			params: { docId: "string" },
			handler: handles<"document-ot.read", This>(async function ({ docId }) {
				const { text, revision, epoch } = await this.documents.read(docId);
				return { text, revision, epoch };
			}),
		},
		import: {
			params: { docId: "string", userId: "string", text: "string" },
			handler: handles<"document-ot.import", This>(function (request) {
				const { docId, userId, text } = request;
				const { newId } = platformOf(this.broker);
				const sessionId = sessionIdOf(newId());
				const edit = { docId, userId, sessionId, revision: 0 };
				return this.documents.importText(edit, text);
			}),
		},
		erase: {
			params: { docId: "string" },
			handler: handles<"document-ot.erase", This>(function ({ docId }) {
				return this.erase(docId);
			}),
		},
	},
	methods: {
		async erase(this: This, docId) {
			const { bus, stores } = platformOf(this.broker);
			await this.documents.erase(docId, async () => {
				await stores.eraser.erase(docId);
			});
			const head: DocumentHeadMessage = { kind: "deleted" };
			bus.publish(documentChannel(docId), { head });
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
