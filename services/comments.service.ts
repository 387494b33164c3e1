import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { handles } from "../src/bus/actions.ts";
import { commentPorts } from "../src/bus/comment-ports.ts";
import { ASKED } from "../src/bus/served-actions.ts";
import { Teller } from "../src/bus/teller.ts";
import { CommentList } from "../src/comments/comment-list.ts";
import { Comments } from "../src/comments/comments.ts";
import { platformOf } from "../src/node/platform.ts";
import type { ServerData } from "../src/protocol/events.ts";
import type { DocId, UserId } from "../src/shared/ids.ts";

interface Vars {
	comments: Comments;
	shown: CommentList;
	teller: Teller;
}
interface Methods {
	/** Tells everybody in the document. */
	tell<
		N extends
			| "comment:added"
			| "comment:updated"
			| "comment:deleted"
			| "comment:resolved"
			| "comment:reopened"
			| "comment:reacted",
	>(name: N, data: ServerData<N> & { readonly prdId: DocId }): ServerData<N>;
	tellMentioned(
		userIds: readonly UserId[],
		mention: ServerData<"comment:mentioned">,
	): void;
}
type This = Service<ServiceSettingSchema> & Vars & Methods;

/** What people say beside the text. */
const commentsService: ServiceSchema<ServiceSettingSchema, Methods, Vars> = {
	name: "comments",
	actions: {
		add: {
			params: ASKED,
			handler: handles<"comments.add", This>(async function (asked) {
				const said = await this.comments.add(asked);
				this.tellMentioned(said.mentioned, said.mention);
				return this.tell("comment:added", said.data);
			}),
		},
		edit: {
			params: ASKED,
			handler: handles<"comments.edit", This>(async function (asked) {
				const said = await this.comments.edit(asked);
				this.tellMentioned(said.mentioned, said.mention);
				return this.tell("comment:updated", said.data);
			}),
		},
		delete: {
			params: ASKED,
			handler: handles<"comments.delete", This>(async function (asked) {
				return this.tell("comment:deleted", await this.comments.delete(asked));
			}),
		},
		resolve: {
			params: ASKED,
			handler: handles<"comments.resolve", This>(async function (asked) {
				const data = await this.comments.resolve(asked);
				return this.tell("comment:resolved", data);
			}),
		},
		reopen: {
			params: ASKED,
			handler: handles<"comments.reopen", This>(async function (asked) {
				return this.tell("comment:reopened", await this.comments.reopen(asked));
			}),
		},
		react: {
			params: ASKED,
			handler: handles<"comments.react", This>(async function (asked) {
				return this.tell("comment:reacted", await this.comments.react(asked));
			}),
		},
		seen: {
			params: ASKED,
			handler: handles<"comments.seen", This>(async function (asked) {
				await this.comments.seen(asked);
				return {};
			}),
		},
		list: {
			params: ASKED,
			handler: handles<"comments.list", This>(function (asked) {
				return this.shown.list(asked);
			}),
		},
		export: {
			params: ASKED,
			handler: handles<"comments.export", This>(function (asked) {
				return this.shown.export(asked);
			}),
		},
	},
	methods: {
		tell(this: This, name, data) {
			this.teller.tellRoom(data.prdId, name, data);
			return data;
		},
		tellMentioned(this: This, userIds, mention) {
			this.teller.tellUsers(userIds, "comment:mentioned", mention);
		},
	},
	async started() {
		const { stores, bus, clock, newId } = platformOf(this.broker);
		const ports = { ...commentPorts(this.broker), store: stores.comments };
		this.comments = new Comments({ ...ports, clock, newId });
		this.shown = new CommentList(ports);
		this.teller = new Teller(bus);
	},
};
export default commentsService;
