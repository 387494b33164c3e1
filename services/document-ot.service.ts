import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { isOwner, submitOwn, TO_OWNER } from "../src/bus/owner-routing.ts";
import { DocumentAnchors } from "../src/documents/document-anchors.ts";
import { DocumentDirectory } from "../src/documents/document-directory.ts";
import { platformOf } from "../src/node/platform.ts";
import {
	type DocumentHeadMessage,
	documentChannel,
} from "../src/protocol/document-message.ts";
import type { Submission } from "../src/protocol/submission.ts";
import { type DocId, sessionIdOf } from "../src/shared/ids.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";

/** Nodes often come and go several at a time. */
const MOVE_MS = 100;

interface Vars {
	documents: DocumentDirectory;
	anchors: DocumentAnchors;
	cancelMove: (() => void) | undefined;
}
interface Methods {
	/** Soon: puts what other nodes own now to sleep. */
	moveLater(): void;
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
			params: {
				items: { type: "array", max: 10_000 },
				isFinal: "boolean|optional",
			},
			handler: handles<"document-ot.submit", This>(function (request) {
				const { items, isFinal = false } = request;
				const submit = (own: readonly Submission[]) =>
					this.documents.submit(own);
				return isFinal ? submit(items) : submitOwn(this.broker, items, submit);
			}),
		},
		join: {
			strategy: TO_OWNER,
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
				isAnew: "boolean|optional",
			},
			handler: handles<"document-ot.join", This>(function (request) {
				return this.documents.join(request);
			}),
		},
		leave: {
			strategy: TO_OWNER,
			params: { docId: "string", sessionId: "string" },
			handler: handles<"document-ot.leave", This>(function ({
				docId,
				sessionId,
			}) {
				this.documents.leave(docId, sessionId);
			}),
		},
		heads: {
			params: { items: "array" },
			handler: handles<"document-ot.heads", This>(function ({ items }) {
				return this.documents.heads(items);
			}),
		},
		opsSince: {
			strategy: TO_OWNER,
			params: { docId: "string", since: "number|integer|min:0" },
			handler: handles<"document-ot.opsSince", This>(function ({
				docId,
				since,
			}) {
				return this.documents.opsSince(docId, since);
			}),
		},
		read: {
			strategy: TO_OWNER,
			params: { docId: "string" },
			handler: handles<"document-ot.read", This>(function ({ docId }) {
				return this.documents.read(docId);
			}),
		},
		anchor: {
			strategy: TO_OWNER,
			params: {
				docId: "string",
				spot: "object",
				revision: "number|integer|min:0|optional",
			},
			handler: handles<"document-ot.anchor", This>(function (request) {
				const { docId, spot, revision } = request;
				return this.anchors.put(docId, spot, revision);
			}),
		},
		locate: {
			strategy: TO_OWNER,
			params: { docId: "string", anchors: "array" },
			handler: handles<"document-ot.locate", This>(function (request) {
				return this.anchors.locate(request.docId, request.anchors);
			}),
		},
		describe: {
			strategy: TO_OWNER,
			params: { docId: "string" },
			handler: handles<"document-ot.describe", This>(async function ({
				docId,
			}) {
				const about = await this.documents.describe(docId);
				return { node: this.broker.nodeID, ...about };
			}),
		},
		import: {
			strategy: TO_OWNER,
			params: { docId: "string", userId: "string", text: "string" },
			handler: handles<"document-ot.import", This>(function (request) {
				const { docId, userId, text } = request;
				const sessionId = sessionIdOf(platformOf(this.broker).newId());
				const edit = { docId, userId, sessionId, revision: 0 };
				return this.documents.importText(edit, text);
			}),
		},
		replace: {
			strategy: TO_OWNER,
			params: {
				docId: "string",
				userId: "string",
				text: "string",
				runs: "array",
			},
			handler: handles<"document-ot.replace", This>(async function (request) {
				const { docId, userId, ...content } = request;
				const sessionId = sessionIdOf(platformOf(this.broker).newId());
				const edit = { docId, userId, sessionId };
				const revision = await this.documents.replaceContent(edit, content);
				return { revision };
			}),
		},
		erase: {
			strategy: TO_OWNER,
			params: { docId: "string" },
			handler: handles<"document-ot.erase", This>(function ({ docId }) {
				return this.erase(docId);
			}),
		},
	},
	events: {
		"$services.changed"(this: This) {
			this.moveLater();
		},
	},
	methods: {
		moveLater(this: This) {
			this.cancelMove?.();
			const { clock } = platformOf(this.broker);
			this.cancelMove = clock.after(MOVE_MS, () =>
				this.documents?.moveAway((docId) => isOwner(this.broker, docId)),
			);
		},
		async erase(this: This, docId) {
			const { bus, stores } = platformOf(this.broker);
			await this.documents.erase(docId, async () => {
				await stores.eraser.erase(docId);
			});
			const head: DocumentHeadMessage = { kind: "deleted" };
			bus.publish(documentChannel(docId), { head });
			this.broker.broadcast("document.erased", { docId });
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
		this.anchors = new DocumentAnchors(this.documents, {
			log: stores.opLog,
			snapshots: stores.snapshots,
		});
	},
	async stopped() {
		this.cancelMove?.();
		await this.documents?.close();
	},
};
export default documentOtService;
