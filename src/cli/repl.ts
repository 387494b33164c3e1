import nodeRepl, { type REPLServer, type ReplOptions } from "node:repl";
import { Command, CommanderError } from "commander";
import { ServiceBroker } from "moleculer";
import { ConfigError, loadConfig } from "../node/config.ts";
import { columns } from "./columns.ts";
import {
	OPERATOR_COMMANDS,
	type OperatorCommand,
	type Row,
} from "./operator-commands.ts";
import { reasonOf } from "./reason.ts";

const DELIMITER = "prdtool $";

/** Joins the running cluster as a node without services: a console, or one command. @returns exit code */
export async function repl(
	words: readonly string[],
	{ json = false }: { readonly json?: boolean },
): Promise<number | undefined> {
	const config = loadConfig(process.env);
	if (config.bus === undefined)
		throw new ConfigError(
			"repl joins a cluster: set NATS_URL, or BUS=redis and REDIS_URL (one process alone: prdtool start --repl)",
		);
	const { consoleOptions } = await import("../../moleculer.config.ts");
	const broker = new ServiceBroker({
		...(await consoleOptions(config)),
		nodeID: `console-${process.pid}-${Date.now().toString(36)}`,
		logger: false,
	});
	await broker.start();
	if (words.length === 0) {
		openRepl(broker);
		return undefined;
	}
	try {
		await oneShot(broker, words, json);
		return 0;
	} catch (error) {
		// What commander does not take it has explained itself.
		if (error instanceof CommanderError) return error.exitCode;
		process.stderr.write(`prdtool: ${reasonOf(error as Error)}\n`);
		return 1;
	} finally {
		await broker.stop();
	}
}

/** Moleculer's own console on that broker, with the product's commands beside its own. */
export function openRepl(broker: ServiceBroker): void {
	bindEval();
	broker.options.replOptions = replOptions;
	broker.repl();
}

const replOptions = {
	delimiter: DELIMITER,
	customCommands: OPERATOR_COMMANDS.map((command) => ({
		command: command.usage,
		description: command.description,
		// By argument name; the typings say a list.
		async action(broker: ServiceBroker, params: unknown) {
			try {
				const args = params as Readonly<Record<string, string | undefined>>;
				print(await command.run(broker, args), false);
			} catch (error) {
				process.stdout.write(`${reasonOf(error as Error)}\n`);
			}
		},
	})),
};

async function oneShot(
	broker: ServiceBroker,
	words: readonly string[],
	json: boolean,
): Promise<void> {
	const program = new Command("prdtool repl").exitOverride();
	for (const command of OPERATOR_COMMANDS)
		addTo(program, command, broker, json);
	program
		.command("call <action> [params]")
		.description("call an action with JSON parameters")
		.action(async (action: string, params?: string) => {
			const answer = await broker.call(
				action,
				params === undefined ? {} : JSON.parse(params),
			);
			process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
		});
	await program.parseAsync(words, { from: "user" });
}

function addTo(
	program: Command,
	{ usage, description, run }: OperatorCommand,
	broker: ServiceBroker,
	json: boolean,
): void {
	const names = [...usage.matchAll(/[<[](\w+)[>\]]/g)].map(([, name]) => name);
	program
		.command(usage)
		.description(description)
		.action(async (...given: readonly unknown[]) => {
			const args = Object.fromEntries(
				names.map((name, i) => [name, given[i] as string | undefined]),
			);
			print(await run(broker, args), json);
		});
}

const print = (rows: readonly Row[], json: boolean): void => {
	process.stdout.write(
		json ? `${JSON.stringify(rows, null, 2)}\n` : columns(rows),
	);
};

/** moleculer-repl finds its broker through `this` in its evaluator, which Node sets no more. */
function bindEval(): void {
	const start = nodeRepl.start;
	nodeRepl.start = (options?: string | ReplOptions): REPLServer => {
		if (typeof options !== "object" || options.eval === undefined)
			return start(options);
		const evaluate = options.eval;
		const server: REPLServer = start({
			...options,
			eval: (...args) => evaluate.apply(server, args),
		});
		return server;
	};
}
