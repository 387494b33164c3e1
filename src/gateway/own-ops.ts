import type { OpHead } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import {
	type OpId,
	type SessionId,
	splitOpId,
	type UserId,
} from "../shared/ids.ts";
import type { Participation } from "./participation.ts";

/** Which op ids are a session's: its own, its client's, and those of the sessions that it goes on for. */
export class OwnOps {
	readonly #sessionId: SessionId;
	readonly #userId: UserId;
	readonly #prefixes: readonly string[];

	constructor(
		sessionId: SessionId,
		{ userId, clientId, inherited }: Participation,
	) {
		this.#sessionId = sessionId;
		this.#userId = userId;
		this.#prefixes =
			clientId === undefined ? inherited : [clientId, ...inherited];
	}

	/** Throws `FORBIDDEN` for an op id that is somebody else's. */
	check(opId: OpId | undefined): void {
		if (opId === undefined || this.#isPrefix(opId)) return;
		throw new CollabError("FORBIDDEN", "The op id is not this client's", {
			reason: "opId",
		});
	}

	/** Whether this session, or one that it goes on for, has made the op. */
	has({ sessionId, userId, opId }: OpHead): boolean {
		if (sessionId === this.#sessionId) return true;
		if (userId !== this.#userId || this.#prefixes.length === 0) return false;
		return this.#isPrefix(opId);
	}

	#isPrefix(opId: OpId): boolean {
		const client: string = splitOpId(opId).client;
		return client === this.#sessionId || this.#prefixes.includes(client);
	}
}
