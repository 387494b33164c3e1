import type { Asked } from "../protocol/asked.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ReplyData } from "../protocol/events.ts";
import type { CommentId } from "../protocol/schemas/comment.ts";
import type { DocId } from "../shared/ids.ts";
import { commentJson, type Located } from "./comment-json.ts";
import type {
	AnchorMove,
	CommentFilter,
	ListedComment,
	ListPlace,
} from "./comment-store.ts";
import { markdownOf } from "./markdown.ts";
import type { CommentPorts } from "./ports.ts";

const DEFAULT_LIMIT = 100;
/** Characters of comments in one answer: it must fit a message of the bus. */
const PAGE_CHARS = 131_072;
/** An anchor so far behind is stored where it has come to, so that the way to the head stays short. */
const FAR_BEHIND = 500;

interface Page {
	readonly items: readonly (ListedComment & { readonly located?: Located })[];
	readonly revision: number;
	readonly nextCursor?: string;
}

/** A document's comments where they stand now. Throws like `Comments`. */
export class CommentList {
	readonly #ports: Pick<CommentPorts, "store" | "text" | "admit">;

	constructor(ports: Pick<CommentPorts, "store" | "text" | "admit">) {
		this.#ports = ports;
	}

	async list(asked: Asked<"comment:list">): Promise<ReplyData<"comment:list">> {
		const { data } = asked;
		await this.#ports.admit(asked, data.prdId);
		const { items, ...rest } = await this.#page(asked, data, filterOf(data));
		const comments = items.map(({ comment, located, isUnread: unread }) => ({
			...commentJson(comment, located),
			unread,
		}));
		const { orphaned } = data;
		return {
			comments:
				orphaned === undefined
					? comments
					: comments.filter((comment) => comment.orphaned === orphaned),
			...rest,
		};
	}

	/** A page of the list to be read by people; the pages follow one another. */
	async export(
		asked: Asked<"comment:export">,
	): Promise<ReplyData<"comment:export">> {
		const { data } = asked;
		await this.#ports.admit(asked, data.prdId);
		const { items, nextCursor } = await this.#page(asked, data, {});
		const title = data.cursor === undefined ? "# Comments\n" : "";
		return {
			markdown: title + items.map(markdownOf).join(""),
			...(nextCursor === undefined ? {} : { nextCursor }),
		};
	}

	async #page(
		{ person }: Pick<Asked, "person">,
		data: {
			readonly prdId: DocId;
			readonly limit?: number;
			readonly cursor?: string;
		},
		filter: CommentFilter,
	): Promise<Page> {
		const { prdId, limit = DEFAULT_LIMIT, cursor } = data;
		const after = cursor === undefined ? undefined : placeOf(cursor);
		const { store } = this.#ports;
		const found = await store.list(
			prdId,
			person.userId,
			filter,
			limit + 1,
			after,
		);
		const items = found.slice(0, countWithin(found.slice(0, limit)));
		const last = items.at(-1);
		return {
			...(await this.#located(prdId, items)),
			...(last === undefined || items.length === found.length
				? {}
				: { nextCursor: cursorOf(last.place) }),
		};
	}

	async #located(
		docId: DocId,
		items: readonly ListedComment[],
	): Promise<Pick<Page, "items" | "revision">> {
		const anchored = items.flatMap(({ comment }) =>
			comment.anchor ? [{ ...comment, anchor: comment.anchor }] : [],
		);
		const { revision, standings } = await this.#ports.text.locate(
			docId,
			anchored.map(({ anchor, quote }) =>
				quote === undefined ? { anchor } : { anchor, quote },
			),
		);
		const found = new Map<CommentId, Located>();
		const moves: AnchorMove[] = [];
		for (const [i, { commentId, anchor: from }] of anchored.entries()) {
			const standing = standings[i];
			if (standing === undefined) continue;
			found.set(commentId, { revision, standing });
			const { anchor: to, isBack } = standing;
			if (isBack === true || to.rev - from.rev >= FAR_BEHIND)
				moves.push({ commentId, from, to });
		}
		if (moves.length > 0) await this.#ports.store.moveAnchors(moves);
		return { revision, items: items.map((item) => withPlace(item, found)) };
	}
}

function withPlace(
	item: ListedComment,
	found: ReadonlyMap<CommentId, Located>,
): Page["items"][number] {
	const located = found.get(item.comment.commentId);
	return located === undefined ? item : { ...item, located };
}

const filterOf = ({
	status,
	authorId,
	threadId,
	unread,
}: Asked<"comment:list">["data"]): CommentFilter => ({
	...(status === undefined ? {} : { isResolved: status === "resolved" }),
	...(authorId === undefined ? {} : { authorId }),
	...(threadId === undefined ? {} : { threadId }),
	...(unread === true ? { isUnread: true } : {}),
});

/** How many of them, one at least, stay within the size of a page. */
function countWithin(items: readonly ListedComment[]): number {
	let chars = 0;
	const over = items.findIndex(({ comment }) => {
		chars += JSON.stringify(comment).length;
		return chars > PAGE_CHARS;
	});
	return over < 0 ? items.length : Math.max(1, over);
}

const cursorOf = ({ thread, comment }: ListPlace): string =>
	`${thread}.${comment}`;

function placeOf(cursor: string): ListPlace {
	const [, thread, comment] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
	if (thread === undefined || comment === undefined)
		throw new CollabError("VALIDATION_FAILED", "Invalid field cursor", {
			field: "cursor",
		});
	return { thread: Number(thread), comment: Number(comment) };
}
