import type { Request } from "../protocol/envelope.ts";
import type { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { Delivery } from "./delivery.ts";
import type { Participation } from "./participation.ts";
import type { Session } from "./session.ts";
import type { Unanswered } from "./submissions.ts";

type Edit = Request<"operation:edit">;

/** What one session is told of its own edits of one document. */
export class EditAnswers {
	readonly #session: Session;
	readonly #about: Participation;
	readonly #clock: Clock;

	constructor(session: Session, about: Participation, clock: Clock) {
		this.#session = session;
		this.#about = about;
		this.#clock = clock;
	}

	/** @param request undefined: the op is its own, and it was not waiting for it */
	acknowledge(delivery: Delivery, request: Edit | undefined): void {
		const { docId, unit } = this.#about;
		const { opId, rev, clock, changed, replicaId } = delivery.head;
		// Sent again, it counts where it was committed first, and its author has counted it here.
		const countsElsewhere =
			request !== undefined && replicaId !== this.#about.replicaId;
		const clockCorrected = delivery.head.clockCorrected || countsElsewhere;
		// What was read from the log may have been changed on its way: told in any case.
		const tells = changed || !delivery.live || request === undefined;
		const dataJson = JSON.stringify({
			prdId: docId,
			opId,
			revision: rev,
			vectorClock: clock,
			...(tells ? { operations: delivery.operations(unit) } : {}),
			...(clockCorrected ? { clockCorrected: true } : {}),
		});
		this.#send(request, dataJson);
	}

	/** The author has been given a text that contains the op. */
	acknowledgeIn(
		{ submission, rev, request }: Unanswered,
		vectorClock: Readonly<Record<string, number>>,
	): void {
		const { docId } = this.#about;
		const { opId } = submission;
		const ack = { prdId: docId, opId, revision: rev, vectorClock };
		this.#send(request, JSON.stringify(ack));
	}

	refuse(request: Edit, error: CollabError): void {
		this.#session.refuse(request, error, this.#clock.nowMs());
	}

	#send(request: Edit | undefined, dataJson: string): void {
		if (request?.id === undefined)
			this.#session.sendJson("operation:ack", this.#about.docId, dataJson);
		else this.#session.acknowledge(request, dataJson);
	}
}
