import type { Request } from "../protocol/envelope.ts";
import type { ServerData } from "../protocol/events.ts";
import { attributesOf } from "../protocol/simple-format.ts";
import type { Arrival } from "./arrival.ts";
import type { JoinAnswer } from "./backend.ts";
import { Delivery } from "./delivery.ts";
import type { Participation } from "./participation.ts";
import type { Session } from "./session.ts";

/** Version of a document that has never been released. */
const UNRELEASED = "0.0.0";

/** JSON text of `document:joined`; native catch-up items are the owner's text, not parsed. */
export function joinedJson(arrival: Arrival): string {
	const { about, title, version = UNRELEASED, answer, others } = arrival;
	const { docId, mode, unit, format, replicaId, present } = about;
	const { revision, epoch, vectorClock, state } = answer;
	const data = {
		prdId: docId,
		title,
		version,
		revision,
		epoch,
		recovered: state.kind === "ops",
		activeSessions: others,
		vectorClock,
		replicaId,
		sessionId: present.sessionId,
		mode,
		unit,
		format,
	} satisfies ServerData<"document:joined">;
	const json = JSON.stringify(data);
	return `${json.slice(0, -1)},${contentJson(about, answer)}}`;
}

/** The fields that bring the client to the revision. */
function contentJson(about: Participation, answer: JoinAnswer): string {
	return answer.state.kind === "ops"
		? `"missedOperations":${missedJson(about, answer)}`
		: snapshotFields(about, answer);
}

/** Items of a catch-up as a JSON array; empty for a snapshot. */
export function missedJson(
	{ docId, unit, format }: Participation,
	{ state }: JoinAnswer,
): string {
	if (state.kind === "snapshot") return "[]";
	const missed = state.ops.map((op) => new Delivery(docId, op, false));
	const items =
		format === "native"
			? missed.map((delivery) => delivery.nativeJson())
			: missed.flatMap((delivery) =>
					delivery.missed(unit).map((item) => JSON.stringify(item)),
				);
	return `[${items.join(",")}]`;
}

/** The text with its formatting as JSON fields; none for a catch-up. */
export function snapshotFields(
	{ unit }: Participation,
	{ state }: JoinAnswer,
): string {
	if (state.kind === "ops") return "";
	const attributes = attributesOf(state.runs, state.text, unit);
	return `"currentContent":${JSON.stringify(state.text)},"attributes":${JSON.stringify(attributes)}`;
}

/** Sends the answer to a join: the event without an id, the ack with one; simple sessions get both. */
export function answerJoin(
	session: Session,
	request: Request,
	{ docId, format }: Participation,
	dataJson: string,
): void {
	if (request.id === undefined || format === "simple")
		session.sendJson("document:joined", docId, dataJson, true);
	session.acknowledge(request, dataJson, true);
}
