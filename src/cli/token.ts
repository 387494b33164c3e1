import { type Config, ConfigError, loadConfig } from "../node/config.ts";
import { devKey } from "../node/dev-key.ts";
import { signToken } from "../node/sign-token.ts";
import { isUserId } from "../protocol/schemas/common.ts";
import { isDocId } from "../shared/ids.ts";
import { MODES } from "../shared/roles.ts";

const HOURS = 12;

/** Prints a token signed with this server's secret: `JWT_SECRET`, or the development key of its data folder. */
export function printToken(options: {
	readonly user: string;
	readonly name?: string;
	readonly admin?: true;
	readonly permission?: readonly string[];
	readonly hours?: number;
}): void {
	const config = loadConfig(process.env);
	const { user, name, admin, permission } = options;
	if (!isUserId(user))
		throw new ConfigError(
			"--user: give 1 to 128 characters without ~ and control characters",
		);
	const token = signToken(
		{
			...(name === undefined ? {} : { name }),
			...(admin ? { roles: ["admin"] } : {}),
			...(permission === undefined
				? {}
				: { permissions: Object.fromEntries(permission.map(entryOf)) }),
		},
		{
			key: signingKey(config),
			userId: user,
			lifetimeSeconds: lifetimeOf(options.hours, config),
			auth: config.auth,
		},
	);
	process.stdout.write(`${token}\n`);
}

function lifetimeOf(hours: number | undefined, { auth }: Config): number {
	const seconds = Math.round((hours ?? HOURS) * 3_600);
	if (hours !== undefined && seconds > (auth.maxAge ?? seconds))
		throw new ConfigError(`--hours: JWT_MAX_AGE allows ${auth.maxAge} seconds`);
	return seconds;
}

function signingKey({ auth, dataDir }: Config) {
	if (auth.key === undefined) return devKey(dataDir).key;
	if (auth.key.key.type !== "secret")
		throw new ConfigError(
			"tokens are signed by whoever has the private key of JWT_PUBLIC_KEY",
		);
	return auth.key.key;
}

function entryOf(text: string): readonly [string, string] {
	const [document = "", mode = "", ...more] = text.split("=");
	const isKnown = MODES.some((known) => known === mode) && more.length === 0;
	// `*` alone stands for every document, `prd_*` for those that begin so.
	if (!isKnown || !isDocId(document.replace(/\*$/, "x")))
		throw new ConfigError(
			`--permission ${text}: give document=view, document=comment or document=edit`,
		);
	return [document, mode];
}
