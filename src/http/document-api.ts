import type { Asked } from "../protocol/asked.ts";
import type { ReplyData, ServedEventName } from "../protocol/events.ts";
import type {
	InviteRequest,
	KickRequest,
	MembersRequest,
	NewRoom,
	RenameRequest,
	VisitRequest,
} from "../rooms/requests.ts";
import type { DocumentEntry, ListPlace, Member } from "../rooms/room-store.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Bearer } from "../shared/person.ts";

/** What the REST interface needs of the services. Every call may reject with a `CollabError`. */
export interface DocumentApi {
	/** What the event's service answers. */
	ask<N extends ServedEventName>(asked: Asked<N>): Promise<ReplyData<N>>;
	/** Throws `ALREADY_EXISTS`, or `FORBIDDEN` by the token. */
	create(request: NewRoom): Promise<void>;
	/** Throws `NOT_FOUND` or `FORBIDDEN`, like all that follow. */
	describe(request: VisitRequest): Promise<DocumentEntry>;
	list(request: {
		readonly userId: UserId;
		readonly limit: number;
		readonly after?: ListPlace;
	}): Promise<readonly DocumentEntry[]>;
	rename(request: RenameRequest): Promise<void>;
	members(request: MembersRequest): Promise<readonly Member[]>;
	invite(request: InviteRequest): Promise<void>;
	kick(request: KickRequest): Promise<void>;
	read(request: { readonly docId: DocId }): Promise<{
		readonly text: string;
		readonly revision: number;
		readonly epoch: string;
	}>;
	/** In one transaction. */
	importText(request: {
		readonly docId: DocId;
		readonly userId: UserId;
		readonly text: string;
	}): Promise<void>;
	erase(request: { readonly docId: DocId }): Promise<void>;
}

/** What REST has of the process that it runs in. */
export interface RestHost {
	/** Throws `UNAUTHENTICATED`, or `UNAVAILABLE` when nobody knows whether the token is revoked. */
	identify(token: string): Promise<Bearer>;
	/** Throws `UNAVAILABLE` before the service has started. */
	documents(): DocumentApi;
	newDocId(): DocId;
}
