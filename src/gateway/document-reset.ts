import { attributesOf } from "../protocol/simple-format.ts";
import type { Clock } from "../shared/clock.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import type { Backend, JoinAnswer } from "./backend.ts";
import type { Channels } from "./channels.ts";
import type { DocumentMembership } from "./document-membership.ts";
import { eventMessage } from "./message.ts";
import type { Session } from "./session.ts";
import { inTurn } from "./turns.ts";

export interface ResetDeps {
	readonly backend: Backend;
	readonly channels: Channels;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly log: Logger;
}

/** The membership has its answer: what was committed since, and all that follows, comes from the channel. */
export async function goLive(
	membership: DocumentMembership,
	{ channels, log }: Pick<ResetDeps, "channels" | "log">,
): Promise<void> {
	const { channel, deliveredRev } = membership;
	try {
		await channel.admit(membership, deliveredRev);
	} catch (err) {
		const { docId } = membership.about;
		log.error({ doc: docId, revision: deliveredRev, err }, "catch-up failed");
		membership.lost();
	}
	if (!membership.hasEnded) return;
	channel.remove(membership);
	channels.release(channel);
}

/** Gives a session that is too far behind the text instead of the ops; a new membership of the same seat follows. */
export async function resetDocument(
	session: Session,
	previous: DocumentMembership,
	deps: ResetDeps,
): Promise<void> {
	const { docId } = previous.about;
	previous.freeze();
	try {
		await inTurn(session, docId, () => reset(session, previous, deps));
	} catch (err) {
		deps.log.error({ doc: docId, err }, "reset failed");
		previous.lost();
	}
}

async function reset(
	session: Session,
	previous: DocumentMembership,
	deps: ResetDeps,
): Promise<void> {
	await previous.fates();
	if (previous.hasEnded) return;
	const { about } = previous;
	const channel = await deps.channels.join(about.docId);
	try {
		const answer = await joinAnew(session, previous, deps);
		await previous.fates();
		if (previous.hasEnded) {
			channel.giveUp();
			deps.channels.release(channel);
			return tellGone(session, previous, deps);
		}
		const next = previous.renewed(channel, answer);
		tell(session, next, answer);
		previous.handOver(answer.vectorClock);
		session.memberships.set(about.docId, next);
		deps.channels.release(previous.channel);
		await goLive(next, deps);
	} catch (error) {
		channel.giveUp();
		deps.channels.release(channel);
		throw error;
	}
}

/** The owner forgets what the session had in flight; its place starts at the head. */
function joinAnew(
	session: Session,
	{ about: { docId, userId, clientId, inherited } }: DocumentMembership,
	{ backend }: ResetDeps,
): Promise<JoinAnswer> {
	const [earlier] = inherited;
	return backend.joinDocument({
		docId,
		sessionId: session.id,
		userId,
		isAnew: true,
		...(clientId === undefined ? {} : { clientId }),
		...(earlier === undefined ? {} : { earlier }),
	});
}

/** The session has gone meanwhile, and the owner does not know. */
async function tellGone(
	session: Session,
	{ about: { docId } }: DocumentMembership,
	{ backend }: ResetDeps,
): Promise<void> {
	await backend.leaveDocument({ docId, sessionId: session.id });
}

function tell(
	session: Session,
	{ about: { docId, unit } }: DocumentMembership,
	{ state, revision, epoch, vectorClock }: JoinAnswer,
): void {
	if (state.kind !== "snapshot")
		throw new TypeError("a join without a place is answered by the text");
	const message = eventMessage("document:reset", {
		prdId: docId,
		currentContent: state.text,
		attributes: attributesOf(state.runs, state.text, unit),
		revision,
		epoch,
		vectorClock,
		reason: "behind",
	});
	session.send(message, true);
}
