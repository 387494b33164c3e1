import type { Request } from "../protocol/envelope.ts";
import type { ServedEventName } from "../protocol/events.ts";
import type { DocId } from "../shared/ids.ts";
import { type Person, personOf } from "../shared/person.ts";
import type { Backend } from "./backend.ts";
import { identityOf } from "./identity-of.ts";
import type { Session } from "./session.ts";

/** Passes on what a service answers: its answer is the acknowledgement's data. */
export class ServiceDesk {
	readonly #backend: Pick<Backend, "ask">;

	constructor(backend: Pick<Backend, "ask">) {
		this.#backend = backend;
	}

	async ask(
		session: Session,
		request: Request<ServedEventName>,
	): Promise<void> {
		const { name: event, data } = request;
		const person = personIn(session, data);
		const answer = await this.#backend.ask({ event, person, data });
		session.acknowledge(request, JSON.stringify(answer), true);
	}
}

/** With the unit of the document that the request names, if the session has joined it. */
function personIn(session: Session, data: object): Person {
	const { prdId } = data as { readonly prdId?: DocId };
	const unit = prdId && session.memberships.get(prdId)?.about.unit;
	return personOf(identityOf(session), {
		sessionId: session.id,
		...(unit === undefined ? {} : { unit }),
	});
}
