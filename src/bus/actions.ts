import type { Context, ServiceBroker } from "moleculer";
import type {
	Backend,
	EnterRequest,
	JoinAnswer,
	JoinRequest,
} from "../gateway/backend.ts";
import type {
	GatewayId,
	PresentSession,
	StatusChange,
} from "../presence/presence-book.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type {
	InviteRequest,
	KickRequest,
	NewRoom,
	VisitRequest,
} from "../rooms/requests.ts";
import type { TokenMark } from "../rooms/revocation-store.ts";
import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import { fromBusError, toBusError } from "./bus-errors.ts";
import type { RoomActions, WholeDocumentActions } from "./room-actions.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: an action that answers nothing
type Nothing = void;

/** Every action that one service calls of another: parameters and answer. */
export interface Actions extends RoomActions, WholeDocumentActions {
	"document-ot.submit": {
		in: { readonly items: readonly Submission[] };
		out: readonly SubmissionResult[];
	};
	"document-ot.join": { in: JoinRequest; out: JoinAnswer };
	"document-ot.leave": {
		in: { readonly docId: DocId; readonly sessionId: SessionId };
		out: Nothing;
	};
	"document-ot.opsSince": {
		in: { readonly docId: DocId; readonly since: number };
		out: readonly OpMessage[];
	};
	"presence.enter": {
		in: {
			readonly gateway: GatewayId;
			readonly docId: DocId;
			readonly session: PresentSession;
		};
		out: readonly PresentSession[];
	};
	"presence.leave": {
		in: { readonly docId: DocId; readonly sessionId: SessionId };
		out: Nothing;
	};
	"presence.report": {
		in: {
			readonly gateway: GatewayId;
			readonly changes: readonly StatusChange[];
		};
		out: boolean;
	};
}

type Name = keyof Actions & string;

/** An action's handler by its contract; what it throws crosses the bus with code and data intact. */
export const handles = <K extends Name, This>(
	handler: (
		this: This,
		params: Actions[K]["in"],
	) => Actions[K]["out"] | Promise<Actions[K]["out"]>,
) =>
	async function (
		this: This,
		ctx: Context<Actions[K]["in"]>,
	): Promise<Actions[K]["out"]> {
		try {
			return await handler.call(this, ctx.params);
		} catch (error) {
			throw toBusError(error);
		}
	};

/** Calls an action by its contract. What it threw comes out as it was. */
export async function callAction<K extends Name>(
	broker: ServiceBroker,
	name: K,
	params: Actions[K]["in"],
): Promise<Actions[K]["out"]> {
	try {
		return await broker.call<Actions[K]["out"], Actions[K]["in"]>(name, params);
	} catch (error) {
		throw fromBusError(error);
	}
}

/** The other services as the gateway sees them. */
export class BusBackend implements Backend {
	readonly #broker: ServiceBroker;
	readonly #gateway: GatewayId;
	#turn: {
		readonly submission: Submission;
		readonly answer: (result: SubmissionResult) => void;
	}[] = [];

	/** @param gateway this process, never used by another one */
	constructor(broker: ServiceBroker, gateway: GatewayId) {
		this.#broker = broker;
		this.#gateway = gateway;
	}

	enterRoom = (request: EnterRequest) => this.#call("room.enter", request);
	visitRoom = (request: VisitRequest) => this.#call("room.visit", request);
	createRoom = (request: NewRoom) => this.#call("room.create", request);
	listRooms = (userId: UserId) => this.#call("room.list", { userId });
	invite = (request: InviteRequest) => this.#call("room.invite", request);
	kick = (request: KickRequest) => this.#call("room.kick", request);
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
	absent = (docId: DocId, sessionId: SessionId) =>
		this.#call("presence.leave", { docId, sessionId });
	reportPresence = (changes: readonly StatusChange[]) =>
		this.#call("presence.report", { gateway: this.#gateway, changes });

	submit(submission: Submission): Promise<SubmissionResult> {
		const { promise, resolve } = Promise.withResolvers<SubmissionResult>();
		if (this.#turn.length === 0) setImmediate(() => void this.#submitTurn());
		this.#turn.push({ submission, answer: resolve });
		return promise;
	}

	/** A call per edit costs three times as much as the edits of one event-loop turn in one call. */
	async #submitTurn(): Promise<void> {
		const turn = this.#turn;
		this.#turn = [];
		try {
			const results = await this.#call("document-ot.submit", {
				items: turn.map(({ submission }) => submission),
			});
			for (const [i, { answer }] of turn.entries())
				answer(results[i] ?? { outcome: "unknown", reason: "no result" });
		} catch {
			for (const { answer } of turn)
				answer({ outcome: "unknown", reason: "the call failed" });
		}
	}

	#call<K extends Name>(
		name: K,
		params: Actions[K]["in"],
	): Promise<Actions[K]["out"]> {
		return callAction(this.#broker, name, params);
	}
}
