import { Writable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { pinoOptions } from "../../../src/node/logger.ts";

/** What a logger with the product's options writes. */
function written(write: (logger: pino.Logger) => void): unknown {
	let line = "";
	const stream = new Writable({
		write(chunk, _, done) {
			line += chunk;
			done();
		},
	});
	write(pino(pinoOptions("trace"), stream));
	const { time: _, ...fields } = JSON.parse(line);
	return fields;
}

describe("the logger", () => {
	it("[CONF-12] hides tokens and credentials", () => {
		const line = written((logger) =>
			logger.warn(
				{
					token: "geheim",
					request: {
						authorization: "Bearer geheim",
						token: "geheim",
						"sec-websocket-protocol": "bearer.geheim",
					},
				},
				"said",
			),
		);
		expect(JSON.stringify(line)).not.toContain("geheim");
		expect(line).toMatchObject({ level: 40, msg: "said" });
	});

	it("[CONF-12] keeps what Moleculer says: message, words, error, fields", () => {
		const line = written((logger) =>
			(logger.error as (...args: unknown[]) => void)(
				"it %s",
				"failed",
				new Error("why"),
				{ a: 1 },
			),
		);
		expect(line).toMatchObject({
			msg: "it %s failed",
			a: 1,
			err: { message: "why" },
		});
	});
});
