import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { platformOf } from "../src/node/platform.ts";
import { Rooms } from "../src/rooms/rooms.ts";
import { ROLES } from "../src/shared/roles.ts";

interface Vars {
	rooms: Rooms;
}
type This = Service<ServiceSettingSchema> & Vars;

/** Who may come in, and as what. */
const roomService: ServiceSchema<ServiceSettingSchema, object, Vars> = {
	name: "room",
	actions: {
		enter: {
			params: {
				docId: "string",
				userId: "string",
				create: "boolean",
				tokenRole: { type: "enum", values: [...ROLES], optional: true },
			},
			handler: handles<"room.enter", This>(function (request) {
				return this.rooms.enter(request);
			}),
		},
		invite: {
			params: {
				docId: "string",
				byUserId: "string",
				userId: "string",
				role: { type: "enum", values: [...ROLES] },
			},
			handler: handles<"room.invite", This>(function (request) {
				return this.rooms.invite(request);
			}),
		},
	},
	async started() {
		const { stores, clock } = platformOf(this.broker);
		this.rooms = new Rooms(stores.rooms, clock);
	},
};
export default roomService;
