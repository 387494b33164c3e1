import type { ServiceBroker } from "moleculer";
import type { Asked } from "../protocol/asked.ts";
import {
	EVENTS,
	type ReplyData,
	type ServedEventName,
} from "../protocol/events.ts";
import { type Actions, callAction } from "./actions.ts";
import type { ActionOf } from "./served-actions.ts";

/** Asks the service that the registry names. */
export const askService = <N extends ServedEventName>(
	broker: ServiceBroker,
	asked: Asked<N>,
): Promise<ReplyData<N>> =>
	callAction(
		broker,
		EVENTS[asked.event].action,
		asked as Actions[ActionOf<N>]["in"],
	) as Promise<ReplyData<N>>;
