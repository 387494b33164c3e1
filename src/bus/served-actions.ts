import type { Asked } from "../protocol/asked.ts";
import type { EVENTS, ReplyData, ServedEventName } from "../protocol/events.ts";

/** The action that answers it. */
export type ActionOf<N extends ServedEventName> = (typeof EVENTS)[N]["action"];

/** Actions that answer an event of the registry. */
export type ServedActions = {
	[N in ServedEventName as ActionOf<N>]: {
		in: Asked<N>;
		out: ReplyData<N>;
	};
};

/** Their parameters: what is asked has been checked by the registry. */
export const ASKED = {
	event: "string",
	person: "object",
	data: "object",
} as const;
