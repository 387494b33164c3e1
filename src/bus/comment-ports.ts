import type { ServiceBroker } from "moleculer";
import type { CommentedText, CommentPorts } from "../comments/ports.ts";
import { callAction } from "./actions.ts";
import { admissionBy } from "./admission.ts";

/** The document's owner, for what people say beside the text. */
const commentedText = (broker: ServiceBroker): CommentedText => ({
	anchor: (docId, spot, revision) =>
		callAction(broker, "document-ot.anchor", {
			docId,
			spot,
			...(revision === undefined ? {} : { revision }),
		}),
	locate: (docId, anchors) =>
		callAction(broker, "document-ot.locate", { docId, anchors }),
});

/** What comments need of the other services. */
export const commentPorts = (
	broker: ServiceBroker,
): Pick<CommentPorts, "text" | "admit" | "withAccess"> => ({
	text: commentedText(broker),
	admit: admissionBy(broker),
	withAccess: async (docId, userIds) => {
		const visits = userIds.map((userId) => ({ docId, userId }));
		const roles = await callAction(broker, "room.roles", { visits });
		return userIds.filter((_, i) => roles[i] != null);
	},
});
