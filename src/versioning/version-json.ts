import type { ReplyData, ServerData } from "../protocol/events.ts";
import { attributesOf } from "../protocol/simple-format.ts";
import type { Unit } from "../protocol/submission.ts";
import type { Person } from "../shared/person.ts";
import type { Author, AuthorRun, StoredVersion, Version } from "./version.ts";

/** Versions as clients are told of them. Times are ISO 8601. */
export const versionJson = (
	version: Version,
): ServerData<"version:created"> => ({
	prdId: version.docId,
	version: version.version,
	changelog: version.changelog,
	author: version.author,
	commitHash: version.commitHash,
	createdAt: timeOf(version.createdAtMs),
	revision: version.revision,
});

/** With its content; positions count in `unit`. */
export const contentJson = (
	version: StoredVersion & {
		readonly authors: readonly AuthorRun[] | undefined;
	},
	unit: Unit,
): ReplyData<"version:get"> => ({
	...versionJson(version),
	content: version.text,
	attributes: attributesOf(version.runs, version.text, unit),
	...(version.authors === undefined
		? {}
		: { authors: authorsJson(version.authors, version.text, unit) }),
});

/** A stretch by somebody is told like one that is formatted. */
const authorsJson = (
	authors: readonly AuthorRun[],
	text: string,
	unit: Unit,
) => {
	const runs = authors.map(({ n, userId }) => ({ n, a: { userId } }));
	return attributesOf(runs, text, unit).map(
		({ position, length, attributes }) => {
			const userId = attributes.userId as AuthorRun["userId"];
			return { position, length, userId };
		},
	);
};

export const authorOf = ({ userId: id, name }: Person): Author => ({
	id,
	name,
});

export const timeOf = (ms: number): string => new Date(ms).toISOString();
