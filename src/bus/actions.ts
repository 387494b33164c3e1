import type { Context, ServiceBroker } from "moleculer";
import type {
	Backend,
	EnterRequest,
	JoinAnswer,
	JoinRequest,
} from "../gateway/backend.ts";
import type { PresentSession } from "../presence/presence-book.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { Entrance } from "../rooms/rooms.ts";
import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";
import { fromBusError, toBusError } from "./bus-errors.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: an action that answers nothing
type Nothing = void;

/** Every action that one service calls of another: parameters and answer. */
export interface Actions {
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
	"room.enter": { in: EnterRequest; out: Entrance };
	"room.invite": {
		in: {
			readonly docId: DocId;
			readonly byUserId: UserId;
			readonly userId: UserId;
			readonly role: Role;
		};
		out: Nothing;
	};
	"presence.enter": {
		in: { readonly docId: DocId; readonly session: PresentSession };
		out: readonly PresentSession[];
	};
	"presence.leave": {
		in: { readonly docId: DocId; readonly sessionId: SessionId };
		out: Nothing;
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

/** The other services as the gateway sees them. */
export class BusBackend implements Backend {
	readonly #broker: ServiceBroker;
	#turn: {
		readonly submission: Submission;
		readonly answer: (result: SubmissionResult) => void;
	}[] = [];

	constructor(broker: ServiceBroker) {
		this.#broker = broker;
	}

	enterRoom = (request: EnterRequest) => this.#call("room.enter", request);
	invite = (request: Actions["room.invite"]["in"]) =>
		this.#call("room.invite", request);
	joinDocument = (request: JoinRequest) =>
		this.#call("document-ot.join", request);
	leaveDocument = (request: Actions["document-ot.leave"]["in"]) =>
		this.#call("document-ot.leave", request);
	opsSince = (docId: DocId, since: number) =>
		this.#call("document-ot.opsSince", { docId, since });
	present = (docId: DocId, session: PresentSession) =>
		this.#call("presence.enter", { docId, session });
	absent = (docId: DocId, sessionId: SessionId) =>
		this.#call("presence.leave", { docId, sessionId });

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

	async #call<K extends Name>(
		name: K,
		params: Actions[K]["in"],
	): Promise<Actions[K]["out"]> {
		try {
			return await this.#broker.call<Actions[K]["out"], Actions[K]["in"]>(
				name,
				params,
			);
		} catch (error) {
			throw fromBusError(error);
		}
	}
}
