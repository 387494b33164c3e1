import semver from "semver";
import { CollabError } from "../protocol/errors.ts";

export type Bump = "major" | "minor" | "patch";

/** How the next version is to be called; without either: by the next minor number. */
export interface NextName {
	readonly bump?: Bump;
	readonly version?: string;
}

/** How no tag of git's may end, and where a version's text is found over HTTP. */
const TAKEN = /\.(lock|md)$/;

/** What stands before the first version. */
export const UNRELEASED = "0.0.0";

/**
 * The name of the version after `latest`. Throws `VALIDATION_FAILED` for what is no name or two of them,
 * `ALREADY_EXISTS` for the latest again, `INVALID_STATE` for one below it.
 */
export function nextName(
	latest: string | undefined,
	{ bump, version }: NextName,
): string {
	const newest = latest ?? UNRELEASED;
	if (version === undefined)
		return semver.inc(newest, bump ?? "minor") as string;
	if (bump !== undefined)
		throw badName("Give a version or a bump, not both", "bump");
	checkName(version);
	if (version === latest) throw takenName(version, newest);
	if (semver.gt(version, newest)) return version;
	throw new CollabError(
		"INVALID_STATE",
		`A new version is greater than ${newest}`,
		{ latest: newest },
	);
}

/** Throws `VALIDATION_FAILED` unless it is a version in its one spelling, which also names a tag and an address. */
export function checkName(version: string): void {
	if (semver.valid(version) !== version || TAKEN.test(version))
		throw badName("A version is like 1.3.0", "version");
}

export const takenName = (version: string, latest: string): CollabError =>
	new CollabError("ALREADY_EXISTS", "There is a newer version already", {
		version,
		latest,
	});

const badName = (message: string, field: string): CollabError =>
	new CollabError("VALIDATION_FAILED", message, { field });
