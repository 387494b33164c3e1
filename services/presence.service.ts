import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { platformOf } from "../src/node/platform.ts";
import type { PresenceBook } from "../src/presence/presence-book.ts";
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
			params: {
				gateway: "string",
				changes: "array",
				startsAnew: "boolean|optional",
			},
			handler: handles<"presence.report", This>(function (report) {
				const { gateway, changes, startsAnew } = report;
				return this.presence.report(gateway, changes, startsAnew);
			}),
		},
	},
	async started() {
		const { clock, bus, logger, softState } = platformOf(this.broker);
		this.presence = softState.presence;
		this.sweep = new PresenceSweep(this.presence, { clock, bus, logger });
		this.sweep.start();
	},
	async stopped() {
		this.sweep?.close();
	},
};
export default presenceService;
