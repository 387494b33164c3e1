import type { Context, ServiceBroker } from "moleculer";
import type {
	DocumentPlace,
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
import type { DocId, SessionId } from "../shared/ids.ts";
import type { AnchorActions } from "./anchor-actions.ts";
import { fromBusError, toBusError } from "./bus-errors.ts";
import type { OperatorActions } from "./operator-actions.ts";
import type { NotOwner } from "./owner-routing.ts";
import type { RoomActions, WholeDocumentActions } from "./room-actions.ts";
import type { ServedActions } from "./served-actions.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: an action that answers nothing
type Nothing = void;

/** Every action that one service calls of another: parameters and answer. */
export interface Actions
	extends RoomActions,
		AnchorActions,
		ServedActions,
		WholeDocumentActions,
		OperatorActions {
	"document-ot.submit": {
		in: {
			readonly items: readonly Submission[];
			/** The receiver judges them, whoever is the owner to its knowledge: two owners are only slower. */
			readonly isFinal?: boolean;
		};
		out: readonly (SubmissionResult | NotOwner)[];
	};
	"document-ot.join": { in: JoinRequest; out: JoinAnswer };
	"document-ot.leave": {
		in: { readonly docId: DocId; readonly sessionId: SessionId };
		out: Nothing;
	};
	/** Which of these documents stand higher on disk than that, and where; wakes nobody. */
	"document-ot.heads": {
		in: { readonly items: readonly DocumentPlace[] };
		out: readonly DocumentPlace[];
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
			readonly startsAnew?: boolean;
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

/** Calls an action by its contract, on a node of the caller's choice if he names one. What it threw comes out as it was. */
export async function callAction<K extends Name>(
	broker: ServiceBroker,
	name: K,
	params: Actions[K]["in"],
	options: { readonly nodeID?: string; readonly timeout?: number } = {},
): Promise<Actions[K]["out"]> {
	try {
		return await broker.call<Actions[K]["out"], Actions[K]["in"]>(
			name,
			params,
			options,
		);
	} catch (error) {
		throw fromBusError(error);
	}
}
