import { Command, InvalidArgumentError } from "commander";
import { ConfigError } from "../node/config.ts";
import { CollabError } from "../protocol/errors.ts";
import { reasonOf } from "./reason.ts";

/** The exit code of a configuration that cannot work (`EX_CONFIG`). */
const BAD_CONFIG = 78;
/** Ten years. */
const MOST_HOURS = 87_600;

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
	.option("--repl", "with an operator's console on this process")
	.action(async (services: string[], options) => {
		const { start } = await import("./start.ts");
		const broker = await start(services);
		if (!options.repl) return;
		const { openRepl } = await import("./repl.ts");
		openRepl(broker);
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
	.option("--hours <n>", "lifetime in hours (default: 12)", hours)
	.action(async (options) => {
		const { printToken } = await import("./token.ts");
		printToken(options);
	});

program
	.command("repl")
	.description(
		"an operator's console on the running cluster; with a command, that one alone",
	)
	.argument("[command...]", "for example: health, or doc prd_123")
	.option("--json", "print JSON")
	.action(async (words: string[], options) => {
		const { repl } = await import("./repl.ts");
		process.exitCode = await repl(words, options);
	});

program
	.command("doctor")
	.description("check this machine and configuration, and say what to do")
	.action(async () => {
		const { doctor } = await import("./doctor.ts");
		process.exitCode = await doctor();
	});

function hours(text: string): number {
	const value = Number(text);
	if (!(value >= 1 / 3_600 && value <= MOST_HOURS))
		throw new InvalidArgumentError(
			`Not a number of hours up to ${MOST_HOURS}.`,
		);
	return value;
}

// Who reads the output may go away; the server stays.
for (const stream of [process.stdout, process.stderr])
	stream.on("error", () => {});
try {
	await program.parseAsync();
} catch (error) {
	if (!(error instanceof ConfigError || error instanceof CollabError))
		throw error;
	process.stderr.write(`prdtool: ${reasonOf(error)}\n`);
	// At once: a start that has failed leaves a broker behind.
	process.exit(error instanceof ConfigError ? BAD_CONFIG : 1);
}
