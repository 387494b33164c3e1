import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { USERS_CHANNEL, type UserMessage } from "../src/gateway/user-relay.ts";
import { platformOf } from "../src/node/platform.ts";
import {
	type DocumentHeadMessage,
	documentChannel,
} from "../src/protocol/document-message.ts";
import type { ServerData } from "../src/protocol/events.ts";
import { Documents } from "../src/rooms/documents.ts";
import { Members } from "../src/rooms/members.ts";
import type { RenameRequest } from "../src/rooms/requests.ts";
import { Rooms } from "../src/rooms/rooms.ts";
import { ROLES } from "../src/shared/roles.ts";

interface Vars {
	rooms: Rooms;
	members: Members;
	documents: Documents;
}
interface Methods {
	/** Tells all sessions of the person, wherever they are. */
	tellRole(change: Omit<Extract<UserMessage, { kind: "role" }>, "kind">): void;
	/** Tells everybody in the document what it is called now. */
	tellTitle(request: RenameRequest): void;
}
type This = Service<ServiceSettingSchema> & Vars & Methods;

/** Null: the token does not name the room. */
const visitor = {
	docId: "string",
	userId: "string",
	tokenRole: { type: "enum", values: ROLES, optional: true, nullable: true },
} as const;
const role = { type: "enum", values: ROLES } as const;

/** Who may come in, and as what. */
const roomService: ServiceSchema<ServiceSettingSchema, Methods, Vars> = {
	name: "room",
	actions: {
		enter: {
			params: { ...visitor, create: "boolean", isDemo: "boolean|optional" },
			handler: handles<"room.enter", This>(function (request) {
				const { config } = platformOf(this.broker);
				const isDemo = config.demo && request.isDemo === true;
				return this.rooms.enter({ ...request, isDemo });
			}),
		},
		visit: {
			params: visitor,
			handler: handles<"room.visit", This>(function (request) {
				return this.rooms.visit(request);
			}),
		},
		create: {
			params: {
				...visitor,
				kind: { type: "enum", values: ["document", "room"] },
				title: "string",
				visibility: { type: "enum", values: ["private", "public"] },
				metadata: "object",
			},
			handler: handles<"room.create", This>(function (request) {
				return this.rooms.create(request);
			}),
		},
		list: {
			params: { userId: "string" },
			handler: handles<"room.list", This>(function ({ userId }) {
				return this.rooms.list(userId);
			}),
		},
		invite: {
			params: { ...visitor, invitedId: "string", role },
			handler: handles<"room.invite", This>(async function (request) {
				await this.members.invite(request);
				const { docId, invitedId: userId } = request;
				const reason = "invited";
				this.tellRole({ userId, docId, role: request.role, reason });
			}),
		},
		kick: {
			params: { ...visitor, kickedId: "string" },
			handler: handles<"room.kick", This>(async function (request) {
				await this.members.kick(request);
				const { docId, kickedId: userId } = request;
				this.tellRole({ userId, docId, role: null, reason: "kicked" });
			}),
		},
		revoke: {
			params: {
				kind: { type: "enum", values: ["token", "user"] },
				jti: "string|optional",
				userId: "string|optional",
				revokedAtMs: "number|optional",
				untilMs: "number",
			},
			handler: handles<"room.revoke", This>(async function (revocation) {
				const { bus, stores } = platformOf(this.broker);
				await stores.revocations.add(revocation);
				const head: UserMessage = { kind: "revoked", revocation };
				bus.publish(USERS_CHANNEL, { head });
			}),
		},
		revocations: {
			params: { marks: "array" },
			handler: handles<"room.revocations", This>(function ({ marks }) {
				const { clock, stores } = platformOf(this.broker);
				return stores.revocations.list(marks, clock.nowMs());
			}),
		},
		roles: {
			params: { visits: "array" },
			handler: handles<"room.roles", This>(function ({ visits }) {
				return this.rooms.rolesOf(visits);
			}),
		},
		members: {
			params: { ...visitor, after: "string|optional" },
			handler: handles<"room.members", This>(function (request) {
				return this.members.list(request);
			}),
		},
		rename: {
			params: { ...visitor, title: "string" },
			handler: handles<"room.rename", This>(async function (request) {
				await this.members.rename(request);
				this.tellTitle(request);
			}),
		},
		document: {
			params: visitor,
			handler: handles<"room.document", This>(function (request) {
				return this.documents.describe(request);
			}),
		},
		documents: {
			params: {
				userId: "string",
				limit: "number|integer|positive",
				after: {
					type: "object",
					optional: true,
					props: { editedAtMs: "number", roomId: "string" },
				},
			},
			handler: handles<"room.documents", This>(function (request) {
				return this.documents.listOf(request);
			}),
		},
	},
	methods: {
		tellRole(this: This, change) {
			const { bus } = platformOf(this.broker);
			const message: UserMessage = { kind: "role", ...change };
			bus.publish(USERS_CHANNEL, { head: message });
		},
		tellTitle(this: This, { docId, title, userId }) {
			const { bus } = platformOf(this.broker);
			const name = "document:renamed";
			const head: DocumentHeadMessage = { kind: "event", name };
			const data = { prdId: docId, title, userId } satisfies ServerData<
				typeof name
			>;
			bus.publish(documentChannel(docId), { head, body: JSON.stringify(data) });
		},
	},
	async started() {
		const { stores, clock } = platformOf(this.broker);
		this.rooms = new Rooms(stores.rooms, clock);
		this.members = new Members(this.rooms, stores.rooms);
		this.documents = new Documents(this.rooms, stores.rooms);
	},
};
export default roomService;
