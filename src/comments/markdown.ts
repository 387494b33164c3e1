import { isReply } from "./comment.ts";
import { isoTime, type Located } from "./comment-json.ts";
import type { ListedComment } from "./comment-store.ts";

/** One comment to be read by people: a thread under a heading that says where it stands, answers indented below. */
export function markdownOf({
	comment,
	located,
}: Pick<ListedComment, "comment"> & { readonly located?: Located }): string {
	const { author, content, createdAtMs, resolved } = comment;
	const state =
		resolved === undefined ? "" : `, resolved by ${plain(resolved.by.name)}`;
	const said = `- **${plain(author.name)}**, ${isoTime(createdAtMs)}${state}\n\n${indented(content)}\n`;
	if (isReply(comment)) return `\n${indented(said)}`;
	const quote = comment.quote === undefined ? "" : `\n${quoted(comment.quote)}`;
	return `\n## ${headingOf(located)}\n${quote}\n${said}`;
}

function headingOf(located: Located | undefined): string {
	if (located === undefined) return "The whole document";
	const { anchor, position } = located.standing;
	const line = `Line ${position.line + 1}`;
	return anchor.orphaned ? `${line} (no longer in the text)` : line;
}

const lines = (text: string, prefix: string): string =>
	text
		.split(/\r\n|\r|\n/)
		.map((line) => (line === "" ? "" : `${prefix}${line}`))
		.join("\n");

const indented = (text: string): string => lines(text, "  ");

const quoted = (text: string): string =>
	`${text
		.split(/\r\n|\r|\n/)
		.map((line) => `> ${line}`.trimEnd())
		.join("\n")}\n`;

/** Names are no markup. */
const plain = (name: string): string =>
	name.replace(/[\\`*_[\]<>#&]/g, (mark) => `\\${mark}`);
