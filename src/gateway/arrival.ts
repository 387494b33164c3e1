import type { PresentSession } from "../presence/presence-book.ts";
import type { JoinAnswer } from "./backend.ts";
import type { Participation } from "./participation.ts";

/** Everything that a session must get to take part in a document. */
export interface Arrival {
	readonly about: Participation;
	readonly title: string;
	/** Undefined: never released. */
	readonly version: string | undefined;
	readonly answer: JoinAnswer;
	readonly others: readonly PresentSession[];
}
