import type { Person } from "../shared/person.ts";
import type { ClientData, ServedEventName } from "./events.ts";

/** What a service is asked: an event, checked by the registry, and who has sent it. */
export interface Asked<N extends ServedEventName = ServedEventName> {
	readonly event: N;
	readonly person: Person;
	readonly data: ClientData<N>;
}
