import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { platformOf } from "../src/node/platform.ts";
import type { PresenceBook } from "../src/presence/presence-book.ts";
import { PresenceMemory } from "../src/presence/presence-memory.ts";
import { PresenceSweep } from "../src/presence/presence-sweep.ts";

interface Vars {
	presence: PresenceBook;
	sweep: PresenceSweep | undefined;
}
type This = Service<ServiceSettingSchema> & Vars;

/** Who is in which document now. */
const presenceService: ServiceSchema<ServiceSettingSchema, object, Vars> = {
	name: "presence",
	actions: {
		enter: {
			params: { gateway: "string", docId: "string", session: "object" },
			handler: handles<"presence.enter", This>(function (entering) {
				const { gateway, docId, session } = entering;
				return this.presence.enter(gateway, docId, session);
			}),
		},
		leave: {
			params: { docId: "string", sessionId: "string" },
			handler: handles<"presence.leave", This>(function ({ docId, sessionId }) {
				return this.presence.leave(docId, sessionId);
			}),
		},
		report: {
			params: { gateway: "string", changes: "array" },
			handler: handles<"presence.report", This>(function ({
				gateway,
				changes,
			}) {
				return this.presence.report(gateway, changes);
			}),
		},
	},
	async started() {
		const { clock, bus, logger } = platformOf(this.broker);
		this.presence = new PresenceMemory(clock);
		this.sweep = new PresenceSweep(this.presence, { clock, bus, logger });
		this.sweep.start();
	},
	async stopped() {
		this.sweep?.close();
	},
};
export default presenceService;
