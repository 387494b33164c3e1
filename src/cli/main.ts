import { Command, InvalidArgumentError } from "commander";
import { ConfigError } from "../node/config.ts";

/** The exit code of a configuration that cannot work (`EX_CONFIG`). */
const BAD_CONFIG = 78;

const program = new Command("prdtool")
	.description(
		"Real-time collaboration backend for product requirement documents",
	)
	.showHelpAfterError();

program
	.command("start")
	.description(
		"run the server: every service in one process, or the named ones",
	)
	.argument("[service...]", "services to run (default: all)")
	.action(async (services: string[]) => {
		const { start } = await import("./start.ts");
		await start(services);
	});

program
	.command("token")
	.description("print a token for a user, signed with this server's key")
	.requiredOption("--user <id>", "the user's id (the token's sub)")
	.option("--name <name>", "display name")
	.option("--admin", "with the role admin")
	.option(
		"--permission <document=mode...>",
		"view, comment or edit; a document may end in *",
	)
	.option("--hours <n>", "lifetime in hours", positive, 12)
	.action(async (options) => {
		const { printToken } = await import("./token.ts");
		printToken(options);
	});

program
	.command("doctor")
	.description("check this machine and configuration, and say what to do")
	.action(async () => {
		const { doctor } = await import("./doctor.ts");
		process.exitCode = await doctor();
	});

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError("Not a positive number.");
	return value;
}

try {
	await program.parseAsync();
} catch (error) {
	if (!(error instanceof ConfigError)) throw error;
	process.stderr.write(`prdtool: ${error.message}\n`);
	process.exitCode = BAD_CONFIG;
}
