/** What becomes of versions beside what people do with them. */
export interface VersionConfig {
	/** Where their git commits are pushed. */
	readonly gitRemoteUrl?: string;
	/** Versions are made by themselves after so many edits, or so long after the one before. */
	readonly auto?: { readonly edits?: number; readonly afterMs?: number };
}

const MINUTE_MS = 60_000;

/** @returns a line for the operator when a setting cannot work */
export function versionsOf(settings: {
	readonly gitRemoteUrl: string | undefined;
	readonly edits: number | undefined;
	readonly minutes: number | undefined;
}): VersionConfig | string {
	const { gitRemoteUrl, edits, minutes } = settings;
	if (gitRemoteUrl !== undefined && !isHttpUrl(gitRemoteUrl))
		return "GIT_REMOTE_URL must be https://user:password@host/path.git";
	const auto = {
		...(edits === undefined ? {} : { edits }),
		...(minutes === undefined ? {} : { afterMs: minutes * MINUTE_MS }),
	};
	return {
		...(gitRemoteUrl === undefined ? {} : { gitRemoteUrl }),
		...(Object.keys(auto).length === 0 ? {} : { auto }),
	};
}

const isHttpUrl = (text: string): boolean =>
	/^https?:$/.test(URL.parse(text)?.protocol ?? "");
