import type { EnterRequest } from "../gateway/backend.ts";
import type { AttributeRun } from "../ot/marks.ts";
import type {
	InviteRequest,
	KickRequest,
	MembersRequest,
	NewRoom,
	RenameRequest,
	VisitRequest,
} from "../rooms/requests.ts";
import type { Revocation, TokenMark } from "../rooms/revocation-store.ts";
import type {
	DocumentEntry,
	ListPlace,
	Member,
	RoomWithRole,
} from "../rooms/room-store.ts";
import type { Entrance } from "../rooms/rooms.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: an action that answers nothing
type Nothing = void;

/** Actions of the room service: parameters and answer. */
export interface RoomActions {
	"room.enter": { in: EnterRequest; out: Entrance };
	"room.visit": { in: VisitRequest; out: RoomWithRole };
	"room.create": { in: NewRoom; out: Nothing };
	"room.list": {
		in: { readonly userId: UserId };
		out: readonly RoomWithRole[];
	};
	"room.invite": { in: InviteRequest; out: Nothing };
	"room.kick": { in: KickRequest; out: Nothing };
	"room.revoke": { in: Revocation; out: Nothing };
	"room.revocations": {
		in: { readonly marks: readonly TokenMark[] };
		out: readonly Revocation[];
	};
	/** What the members' list, and nothing else, gives each of them; null: nothing, or there is no such room. */
	"room.roles": {
		in: {
			readonly visits: readonly Pick<VisitRequest, "docId" | "userId">[];
		};
		out: readonly (Role | null)[];
	};
	"room.members": { in: MembersRequest; out: readonly Member[] };
	"room.rename": { in: RenameRequest; out: Nothing };
	"room.document": { in: VisitRequest; out: DocumentEntry };
	"room.documents": {
		in: {
			readonly userId: UserId;
			readonly limit: number;
			readonly after?: ListPlace;
		};
		out: readonly DocumentEntry[];
	};
}

/** Actions of the document service beside editing: parameters and answer. */
export interface WholeDocumentActions {
	"document-ot.read": {
		in: { readonly docId: DocId };
		out: {
			readonly text: string;
			readonly runs: readonly AttributeRun[];
			readonly revision: number;
			readonly epoch: string;
		};
	};
	/** Makes the document's content what is given, as the user's own edit in one transaction; answers with its revision. */
	"document-ot.replace": {
		in: {
			readonly docId: DocId;
			readonly userId: UserId;
			readonly text: string;
			readonly runs: readonly AttributeRun[];
		};
		out: { readonly revision: number };
	};
	/** Appends text to the document as the user's own, in one transaction. */
	"document-ot.import": {
		in: {
			readonly docId: DocId;
			readonly userId: UserId;
			readonly text: string;
		};
		out: Nothing;
	};
	/** Removes the document and its room for good, and tells everybody in it. */
	"document-ot.erase": { in: { readonly docId: DocId }; out: Nothing };
}
