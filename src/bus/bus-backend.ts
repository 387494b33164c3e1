import type { ServiceBroker } from "moleculer";
import type {
	Backend,
	DocumentPlace,
	EnterRequest,
	JoinRequest,
} from "../gateway/backend.ts";
import type {
	GatewayId,
	PresentSession,
	StatusChange,
} from "../presence/presence-book.ts";
import type { Asked } from "../protocol/asked.ts";
import type { ServedEventName } from "../protocol/events.ts";
import type { Submission } from "../protocol/submission.ts";
import type {
	InviteRequest,
	KickRequest,
	NewRoom,
	VisitRequest,
} from "../rooms/requests.ts";
import type { TokenMark } from "../rooms/revocation-store.ts";
import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import { type Actions, callAction } from "./actions.ts";
import { askService } from "./ask-service.ts";
import { byOwner } from "./owner-routing.ts";
import { SubmitTurns } from "./submit-turns.ts";

/** The other services as the gateway sees them. */
export class BusBackend implements Backend {
	readonly #broker: ServiceBroker;
	readonly #gateway: GatewayId;
	readonly #edits: SubmitTurns;

	/** @param gateway this process, never used by another one */
	constructor(broker: ServiceBroker, gateway: GatewayId) {
		this.#broker = broker;
		this.#gateway = gateway;
		this.#edits = new SubmitTurns(broker);
	}

	enterRoom = (request: EnterRequest) => this.#call("room.enter", request);
	visitRoom = (request: VisitRequest) => this.#call("room.visit", request);
	createRoom = (request: NewRoom) => this.#call("room.create", request);
	listRooms = (userId: UserId) => this.#call("room.list", { userId });
	invite = (request: InviteRequest) => this.#call("room.invite", request);
	kick = (request: KickRequest) => this.#call("room.kick", request);
	listRoles = (visits: Actions["room.roles"]["in"]["visits"]) =>
		this.#call("room.roles", { visits });
	listRevocations = (marks: readonly TokenMark[]) =>
		this.#call("room.revocations", { marks });
	joinDocument = (request: JoinRequest) =>
		this.#call("document-ot.join", request);
	leaveDocument = (request: Actions["document-ot.leave"]["in"]) =>
		this.#call("document-ot.leave", request);
	opsSince = (docId: DocId, since: number) =>
		this.#call("document-ot.opsSince", { docId, since });
	present = (docId: DocId, session: PresentSession) =>
		this.#call("presence.enter", { gateway: this.#gateway, docId, session });
	ask = <N extends ServedEventName>(asked: Asked<N>) =>
		askService(this.#broker, asked);
	absent = (docId: DocId, sessionId: SessionId) =>
		this.#call("presence.leave", { docId, sessionId });
	reportPresence = (changes: readonly StatusChange[], startsAnew: boolean) =>
		this.#call("presence.report", {
			gateway: this.#gateway,
			changes,
			startsAnew,
		});

	submit = (submission: Submission) => this.#edits.submit(submission);

	/** Each owner is asked about its own. */
	async heads(
		places: readonly DocumentPlace[],
	): Promise<readonly DocumentPlace[]> {
		const answers = await Promise.all(
			byOwner(this.#broker, places, ([docId]) => docId).map(([nodeID, items]) =>
				callAction(this.#broker, "document-ot.heads", { items }, { nodeID }),
			),
		);
		return answers.flat();
	}

	#call<K extends keyof Actions & string>(
		name: K,
		params: Actions[K]["in"],
	): Promise<Actions[K]["out"]> {
		return callAction(this.#broker, name, params);
	}
}
