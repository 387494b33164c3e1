import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import type { PresenceBook } from "../src/presence/presence-book.ts";
import { PresenceMemory } from "../src/presence/presence-memory.ts";

interface Vars {
	presence: PresenceBook;
}
type This = Service<ServiceSettingSchema> & Vars;

/** Who is in which document now. */
const presenceService: ServiceSchema<ServiceSettingSchema, object, Vars> = {
	name: "presence",
	actions: {
		enter: {
			params: { docId: "string", session: "object" },
			handler: handles<"presence.enter", This>(function ({ docId, session }) {
				return this.presence.enter(docId, session);
			}),
		},
		leave: {
			params: { docId: "string", sessionId: "string" },
			handler: handles<"presence.leave", This>(function ({ docId, sessionId }) {
				return this.presence.leave(docId, sessionId);
			}),
		},
	},
	async started() {
		this.presence = new PresenceMemory();
	},
};
export default presenceService;
