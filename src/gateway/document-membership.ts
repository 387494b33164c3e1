import { CLOSES } from "../protocol/close-codes.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Mode } from "../shared/roles.ts";
import { Author, type AuthorDeps, type StreamPlace } from "./author.ts";
import type { JoinAnswer } from "./backend.ts";
import type { Channel } from "./channel.ts";
import type { Told } from "./channel-member.ts";
import type { Delivery } from "./delivery.ts";
import type { DocumentExit } from "./document-exit.ts";
import type { Membership } from "./membership.ts";
import { isOwnOp } from "./own-ops.ts";
import type { Participation } from "./participation.ts";
import type { PresenceSeat } from "./presence-seat.ts";
import type { Session } from "./session.ts";
import type { ResetPoint } from "./stale-edits.ts";
import { FATE_MS } from "./submissions.ts";

export interface MembershipDeps extends AuthorDeps {
	readonly exit: DocumentExit;
	/** Puts another membership, which begins with the text, in the place of this one. */
	readonly reset: (session: Session, membership: DocumentMembership) => void;
}

/** What a membership is given to begin with. */
export interface Entered {
	readonly channel: Channel;
	readonly seat: PresenceSeat;
	/** The client was there before and has been given the text. */
	readonly resetTo?: ResetPoint;
}

/** An op that the owner has committed and the channel has not brought is looked for after this long. */
const OVERDUE_MS = 1_000;

/** One session in one document: its place in the stream that comes down, and the author of what it sends up. */
export class DocumentMembership implements Membership, StreamPlace {
	readonly about: Participation;
	deliveredRev: number;
	mode: Mode | null;
	hasEnded = false;
	readonly channel: Channel;
	readonly seat: PresenceSeat;
	readonly #session: Session;
	readonly #deps: MembershipDeps;
	/** Made with the first edit: most who are there only read. */
	#author: Author | undefined;
	readonly #resetTo: ResetPoint | undefined;

	constructor(
		about: Participation,
		session: Session,
		{ channel, seat, resetTo }: Entered,
		deps: MembershipDeps,
	) {
		this.about = about;
		this.mode = about.mode;
		this.deliveredRev = about.joinedRev;
		this.channel = channel;
		this.seat = seat;
		this.#session = session;
		this.#deps = deps;
		this.#resetTo = resetTo;
	}

	get #writer(): Author {
		this.#author ??= new Author(this.#session, this, this.#deps, this.#resetTo);
		return this.#author;
	}

	/** Sends an edit to the owner; throws what it is refused with here. */
	edit(request: Request<"operation:edit">): void {
		if (this.mode !== "edit")
			throw new CollabError(
				"FORBIDDEN",
				`Your part here is ${this.mode}, not edit`,
			);
		this.#writer.send(request);
		this.seat.act();
	}

	refusedAtTheDoor(): void {
		this.#author?.turnedAway();
	}

	deliver(delivery: Delivery): void {
		if (this.#takes(delivery) || this.mode === null) return;
		const { format, unit } = this.about;
		this.#session.send(
			format === "native" ? delivery.native() : delivery.simple(unit),
		);
	}

	/** An op of its own is acknowledged, also one that its client sent in another session. */
	#takes(delivery: Delivery): boolean {
		if (this.#author !== undefined) return this.#author.takes(delivery);
		if (!isOwnOp(this.#session.id, this.about, delivery.head)) return false;
		return this.#writer.takes(delivery);
	}

	tell(told: Told, except: SessionId | undefined): void {
		if (this.mode !== null && this.#session.id !== except)
			this.#session.send(told[this.about.unit]);
	}

	deleted(): void {
		if (this.hasEnded) return;
		this.#author?.deleted();
		this.#session.sendEvent("document:deleted", { prdId: this.about.docId });
		this.#deps.exit.part(this.#session, this);
	}

	lost(): void {
		if (!this.hasEnded) this.#session.close(CLOSES.positionLost);
	}

	get isCongested(): boolean {
		return this.#session.isCongested;
	}

	onceDrained(task: () => void): void {
		this.#session.onceDrained(task);
	}

	tooFarBehind(): void {
		this.#deps.reset(this.#session, this);
	}

	/** Nothing more is committed for it: a reset is under way. */
	freeze(): void {
		this.#writer.freeze();
		this.channel.remove(this);
	}

	/** Resolves when every edit is known to be committed or refused. */
	async fates(): Promise<void> {
		await this.#author?.fates();
	}

	/** The membership that takes over after a reset. */
	renewed(channel: Channel, answer: JoinAnswer): DocumentMembership {
		const { replicaId, revision, vectorClock } = answer;
		const { fence = 0, inherited = [] } = answer;
		const place = { replicaId, joinedRev: revision, fence, inherited };
		const about = { ...this.about, ...place };
		// Not the whole answer: it holds the text.
		const resetTo = { revision, vectorClock };
		const entered = { channel, seat: this.seat, resetTo };
		const next = new DocumentMembership(
			about,
			this.#session,
			entered,
			this.#deps,
		);
		next.mode = this.mode;
		return next;
	}

	/** Another membership takes over, after a reset: acknowledges what the new text contains, and ends. */
	handOver(vectorClock: Readonly<Record<string, number>>): void {
		this.#author?.handOver(vectorClock);
		this.end();
	}

	tick(nowMs: number): void {
		const oldest = this.#author?.oldest;
		if (oldest === undefined) return;
		const ageMs = nowMs - oldest.acceptedAtMs;
		// An ack that waits only for a slow reader is no unknown fate.
		const isWaiting = oldest.rev !== undefined && this.channel.isPaused(this);
		if (ageMs >= FATE_MS && !isWaiting) this.lost();
		else if (ageMs >= OVERDUE_MS && oldest.rev !== undefined)
			this.channel.expect(oldest.rev);
	}

	/** Resolves when every edit has its answer. */
	async idle(): Promise<void> {
		await this.#author?.idle();
	}

	end(): void {
		this.hasEnded = true;
		this.channel.remove(this);
		this.#author?.end();
	}
}
