import { documentChannel } from "../protocol/document-message.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ServerData } from "../protocol/events.ts";
import type { DocId } from "../shared/ids.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import { type Mode, roleAtLeast } from "../shared/roles.ts";
import type { RoomRelay } from "./room-relay.ts";
import type { Session } from "./session.ts";

/** UTF-8 bytes of the payload of one room message, as JSON. */
export const ROOM_MESSAGE_BYTES = 65_536;

/** What members of rooms and documents say to each other, in events of their own; nothing of it is kept. */
export class RoomTalk {
	readonly #bus: ChannelBus;
	readonly #rooms: RoomRelay;

	constructor(bus: ChannelBus, rooms: RoomRelay) {
		this.#bus = bus;
		this.#rooms = rooms;
	}

	/** Throws `NOT_JOINED`, `FORBIDDEN` to those who only look on, `PAYLOAD_TOO_LARGE`. */
	say(session: Session, request: Request<"room:message">): void {
		const { room: roomId, echo = false } = request.data;
		requireVoice(session, roomId);
		const dataJson = messageJson(session, request);
		const except = echo ? undefined : session.id;
		if (session.rooms.has(roomId)) this.#rooms.say(roomId, dataJson, except);
		else
			this.#bus.publish(documentChannel(roomId), {
				head: {
					kind: "event",
					name: "room:message",
					...(except === undefined ? {} : { except }),
				},
				body: dataJson,
			});
		session.acknowledge(request);
	}
}

function requireVoice(session: Session, roomId: DocId): void {
	const here = session.rooms.get(roomId) ?? session.memberships.get(roomId);
	if (here === undefined)
		throw new CollabError("NOT_JOINED", "Join the room first", {
			room: roomId,
		});
	const mode: Mode | null = here.mode;
	if (mode === null || !roleAtLeast(mode, "comment"))
		throw new CollabError("FORBIDDEN", "Who only looks on says nothing");
}

function messageJson(
	{ id, identity }: Session,
	{ data }: Request<"room:message">,
): string {
	const { room, event, payload } = data;
	const bytes = Buffer.byteLength(JSON.stringify(payload) ?? "");
	if (bytes > ROOM_MESSAGE_BYTES)
		throw new CollabError("PAYLOAD_TOO_LARGE", "The message is too large", {
			limit: "roomMessageBytes",
			max: ROOM_MESSAGE_BYTES,
		});
	if (identity === undefined)
		throw new CollabError("UNAUTHENTICATED", "The session has ended");
	const { userId, name: userName } = identity;
	const from = { userId, sessionId: id, userName };
	return JSON.stringify({
		room,
		event,
		payload,
		from,
	} satisfies ServerData<"room:message">);
}
