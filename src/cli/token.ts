import jwt from "jsonwebtoken";
import { type Config, ConfigError, loadConfig } from "../node/config.ts";
import { devKey } from "../node/dev-key.ts";
import { MODES } from "../shared/roles.ts";

/** Prints a token signed with this server's secret: `JWT_SECRET`, or the development key of its data folder. */
export function printToken(options: {
	readonly user: string;
	readonly name?: string;
	readonly admin?: true;
	readonly permission?: readonly string[];
	readonly hours: number;
}): void {
	const config = loadConfig(process.env);
	const { user, name, admin, permission, hours } = options;
	const token = jwt.sign(
		{
			...(name === undefined ? {} : { name }),
			...(admin ? { roles: ["admin"] } : {}),
			...(permission === undefined
				? {}
				: { permissions: Object.fromEntries(permission.map(entryOf)) }),
		},
		signingKey(config),
		{
			subject: user,
			expiresIn: Math.round(hours * 3600),
			algorithm: "HS256",
			...(config.auth.issuer === undefined
				? {}
				: { issuer: config.auth.issuer }),
			...(config.auth.audience === undefined
				? {}
				: { audience: config.auth.audience }),
		},
	);
	process.stdout.write(`${token}\n`);
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
	const [document = "", mode = ""] = text.split("=");
	if (document === "" || !MODES.some((known) => known === mode))
		throw new ConfigError(
			`--permission ${text}: give document=view, document=comment or document=edit`,
		);
	return [document, mode];
}
