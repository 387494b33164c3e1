import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import { visitorOf } from "../rooms/requests.ts";
import type { RoomWithRole } from "../rooms/room-store.ts";
import type { Identity } from "./authenticate.ts";
import type { Backend } from "./backend.ts";
import { identityOf } from "./identity-of.ts";
import type { Session } from "./session.ts";

/** UTF-8 bytes of a room's metadata, as JSON. */
export const METADATA_BYTES = 8_192;

/** What people do about rooms without being in them. */
export class RoomDesk {
	readonly #backend: Pick<
		Backend,
		"createRoom" | "invite" | "kick" | "listRooms"
	>;

	constructor(
		backend: Pick<Backend, "createRoom" | "invite" | "kick" | "listRooms">,
	) {
		this.#backend = backend;
	}

	async create(
		session: Session,
		request: Request<"room:create">,
	): Promise<void> {
		const { room: docId, name, visibility, metadata = {} } = request.data;
		const identity = identityOf(session);
		if (Buffer.byteLength(JSON.stringify(metadata)) > METADATA_BYTES)
			throw new CollabError("PAYLOAD_TOO_LARGE", "The metadata is too large", {
				limit: "metadataBytes",
				max: METADATA_BYTES,
			});
		await this.#backend.createRoom({
			docId,
			...visitorOf(identity, docId),
			kind: "room",
			title: name ?? docId,
			visibility,
			metadata,
		});
		session.acknowledge(request);
	}

	async list(session: Session, request: Request<"room:list">): Promise<void> {
		const identity = identityOf(session);
		const all = await this.#backend.listRooms(identity.userId);
		const rooms = all.flatMap((room) => listed(room, identity));
		session.acknowledge(request, JSON.stringify({ rooms }), true);
	}

	async invite(
		session: Session,
		request: Request<"room:invite">,
	): Promise<void> {
		const { room: docId, userId: invitedId, role } = request.data;
		const visitor = visitorOf(identityOf(session), docId);
		await this.#backend.invite({ docId, ...visitor, invitedId, role });
		session.acknowledge(request);
	}

	async kick(session: Session, request: Request<"room:kick">): Promise<void> {
		const { room: docId, userId: kickedId } = request.data;
		const visitor = visitorOf(identityOf(session), docId);
		await this.#backend.kick({ docId, ...visitor, kickedId });
		session.acknowledge(request);
	}
}

/** One item of the list; none for a room that the token does not name. */
function listed(
	{ roomId, kind, title, visibility, metadata, role }: RoomWithRole,
	{ permissions }: Identity,
) {
	const tokenRole = permissions?.roleOn(roomId);
	if (permissions !== undefined && tokenRole === undefined) return [];
	return [
		{
			room: roomId,
			kind,
			name: title,
			visibility,
			role: tokenRole ?? role,
			metadata,
		},
	];
}
