import type { Asked } from "../protocol/asked.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ReplyData, ServerData } from "../protocol/events.ts";
import type { ApprovalId, Verdict } from "../protocol/schemas/approval.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import { Permissions } from "../shared/permissions.ts";
import type { Person } from "../shared/person.ts";
import type { Admission } from "../shared/ports/admission.ts";
import { requireRole, roleAtLeast } from "../shared/roles.ts";
import type {
	Actor,
	Approval,
	ApprovalEvent,
	CompletedApproval,
} from "./approval.ts";
import {
	cancelledJson,
	decidedJson,
	listedJson,
	requestedJson,
} from "./approval-json.ts";
import type { ApprovalStore } from "./approval-store.ts";
import { approvalIdOf, checkRequest, newApproval } from "./new-approval.ts";

import { factOf, newsOfRequest, type TellNews } from "./news.ts";
import type { Progress } from "./progress.ts";
import type { FixedVersion, Versions } from "./versions.ts";

export interface ApprovalsDeps {
	readonly store: ApprovalStore;
	readonly progress: Progress;
	readonly versions: Versions;
	readonly admit: Admission;
	readonly tell: TellNews;
	readonly clock: Pick<Clock, "nowMs">;
	/** Unguessable, `[A-Za-z0-9_-]`. */
	readonly newId: () => string;
}

const DEFAULT_LIMIT = 50;
/** UTF-16 units of one answer's JSON text, beyond which only its first approval goes. */
const ANSWER_CHARS = 200_000;

/** What people ask of approvals. */
export class Approvals {
	readonly #deps: ApprovalsDeps;

	constructor(deps: ApprovalsDeps) {
		this.#deps = deps;
	}

	/** Throws `VALIDATION_FAILED`, and `INVALID_STATE` for a version below the latest. */
	async request({
		event,
		person,
		data,
	}: Asked<"approval:request">): Promise<ServerData<"approval:requested">> {
		const { store, admit, clock, newId, tell } = this.#deps;
		await admit({ event, person }, data.prdId);
		checkRequest(data, clock.nowMs());
		const { contentHash } = await this.#fix(person, data);
		const approval = newApproval(data, {
			approvalId: approvalIdOf(newId()),
			contentHash,
			requester: actorOf(person),
			requestedAtMs: clock.nowMs(),
		});
		const news = newsOfRequest(approval);
		await store.add(approval, factOf(news, approval));
		tell(news, approval);
		return requestedJson(approval);
	}

	/** Throws `NOT_FOUND`, `FORBIDDEN` for who is not asked, `INVALID_STATE` for what is decided. */
	async decide(
		{ person, data }: Asked<"approval:grant" | "approval:reject">,
		verdict: Verdict,
	): Promise<ServerData<"approval:granted" | "approval:rejected">> {
		const decision = {
			approver: actorOf(person),
			verdict,
			...commentOf(data),
			decidedAtMs: this.#deps.clock.nowMs(),
		};
		const decided = await this.#take(person, data.approvalId, {
			kind: "decide",
			decision,
		});
		return decidedJson(decided, decision);
	}

	/** By the requester or an owner of the document. Throws as `decide`. */
	async cancel(
		asked: Asked<"approval:cancel">,
	): Promise<ServerData<"approval:cancelled">> {
		const { person, data } = asked;
		const { clock } = this.#deps;
		await this.#requireCanceller(asked);
		const cancellation = { by: actorOf(person), ...commentOf(data) };
		const cancelled = await this.#take(person, data.approvalId, {
			kind: "cancel",
			cancellation,
			atMs: clock.nowMs(),
		});
		return cancelledJson(cancelled as CompletedApproval, cancellation);
	}

	async #requireCanceller(asked: Asked<"approval:cancel">): Promise<void> {
		const { person, data } = asked;
		const { progress, admit } = this.#deps;
		const { docId, requester } = await progress.current(data.approvalId);
		if (requester.id === person.userId) return;
		const { role } = await admit(asked, docId);
		requireRole(role, "owner");
	}

	/** A page of a document's approvals, newest first, as long as they fit into one answer. */
	async list({
		event,
		person,
		data,
	}: Asked<"approval:list">): Promise<ReplyData<"approval:list">> {
		const { store, admit, progress } = this.#deps;
		const { prdId, limit = DEFAULT_LIMIT, cursor } = data;
		await admit({ event, person }, prdId);
		await progress.supersede(prdId);
		const found = await store.list(prdId, limit, cursor);
		const approvals = fitting(found.map(listedJson));
		const last = approvals.at(-1);
		const isLast = approvals.length === found.length && found.length < limit;
		return {
			approvals,
			...(last === undefined || isLast ? {} : { nextCursor: last.approvalId }),
		};
	}

	/** The version if it is the latest; else it is made from the head. */
	async #fix(
		person: Person,
		{ prdId, version }: { readonly prdId: DocId; readonly version: string },
	): Promise<FixedVersion> {
		const { versions } = this.#deps;
		const latest = await versions.findLatest(prdId);
		if (latest?.version === version) return latest;
		const refusal = await versions.create(person, prdId, version).then(
			() => undefined,
			(error: unknown) => error,
		);
		// Of several who make it at once one does, and it is there for all of them.
		const made = await versions.findLatest(prdId);
		if (made?.version === version) return made;
		throw refusal ?? newerVersion();
	}

	/** A compare-and-set that fails is a step of somebody else: there are no more of them than approvers. */
	async #take(
		person: Person,
		approvalId: ApprovalId,
		event: ApprovalEvent,
	): Promise<Approval> {
		for (;;) {
			const approval = await this.#deps.progress.current(approvalId);
			checkToken(person, approval.docId);
			const next = await this.#deps.progress.take(approval, event);
			if (next !== undefined) return next;
		}
	}
}

const newerVersion = (): CollabError =>
	new CollabError("INVALID_STATE", "There is a newer version already");

/** Who decides needs no role; a token that names what it is good for is good for nothing else. */
function checkToken({ permissions }: Person, docId: DocId): void {
	if (permissions === undefined) return;
	const role = new Permissions(permissions).roleOn(docId);
	if (role === undefined || !roleAtLeast(role, "comment"))
		throw new CollabError("FORBIDDEN", "Your token does not allow this here");
}

const actorOf = ({ userId, name, avatar }: Person): Actor => ({
	id: userId,
	name,
	...(avatar === undefined ? {} : { avatar }),
});

const commentOf = ({ comment }: { readonly comment?: string }) =>
	comment === undefined ? {} : { comment };

/** The first of them, and those after it that fit beside it. */
function fitting<T>(items: readonly T[]): readonly T[] {
	let chars = 0;
	return items.filter((item, i) => {
		chars += JSON.stringify(item).length;
		return i === 0 || chars <= ANSWER_CHARS;
	});
}
