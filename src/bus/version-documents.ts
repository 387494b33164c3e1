import type { ServiceBroker } from "moleculer";
import type { OpLog } from "../documents/op-log.ts";
import type { VersionDocuments } from "../versioning/version-documents.ts";
import { callAction } from "./actions.ts";

/** Ops read from the log at once. */
const PAGE_OPS = 500;

/** Documents as their versions see them: contents from the owner, history from the log. */
export const versionDocumentsBy = (
	broker: ServiceBroker,
	log: Pick<OpLog, "find" | "since">,
): VersionDocuments => ({
	read: (docId) => callAction(broker, "document-ot.read", { docId }),
	async replace(request) {
		const { revision } = await callAction(
			broker,
			"document-ot.replace",
			request,
		);
		return revision;
	},
	async *opsBetween(docId, since, upTo) {
		const document = await log.find(docId);
		if (document === undefined) return;
		for (let at = since; at < upTo; ) {
			const ops = await log.since(document.docKey, at, upTo, PAGE_OPS);
			yield* ops;
			const last = ops.at(-1);
			if (last === undefined) return;
			at = last.rev;
		}
	},
});
