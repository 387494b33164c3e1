import { describe, expect, it } from "@jest/globals";
import { OwnPresence } from "../../../src/presence/own-presence.ts";

const START = 1_700_000_000_000;
const at = (seconds: number) => START + 1_000 * seconds;
const iso = (seconds: number) => new Date(at(seconds)).toISOString();
const cursor = { line: 10, ch: 25 };
const selection = { start: { line: 10, ch: 20 }, end: { line: 10, ch: 30 } };

describe("a session's own presence", () => {
	it("[PRES-4] has no status until it is set, is idle after 60 s of silence and away after 5 min", () => {
		const own = new OwnPresence(START);
		expect(own.state()).toEqual({ lastActivity: iso(0) });
		expect(own.watch(at(59.999))).toBe(false);
		expect(own.watch(at(60))).toBe(true);
		expect(own.state()).toEqual({ status: "idle", lastActivity: iso(0) });
		expect(own.watch(at(299))).toBe(false);
		expect(own.watch(at(300))).toBe(true);
		expect(own.status).toBe("away");
		expect(own.watch(at(400))).toBe(false);
	});

	it("[PRES-4] a status that the server found ends with the next activity, one that was set stays", () => {
		const own = new OwnPresence(START);
		own.watch(at(60));
		expect(own.act(at(61))).toBe(true);
		expect(own.state()).toEqual({ lastActivity: iso(61) });
		expect(own.act(at(62))).toBe(false);
		own.say("away", at(63));
		expect(own.act(at(64))).toBe(false);
		expect(own.status).toBe("away");
		expect(own.watch(at(200))).toBe(false);
	});

	it("[PRES-4] typing counts as activity, to say that one is idle or away does not", () => {
		const own = new OwnPresence(START);
		own.say("typing", at(10));
		expect(own.state()).toEqual({ status: "typing", lastActivity: iso(10) });
		own.say("idle", at(20));
		expect(own.lastActivity).toBe(iso(10));
		own.say("typing", at(30));
		expect(own.watch(at(90))).toBe(true);
		expect(own.status).toBe("idle");
	});

	it("[PRES-2] a cursor replaces the selection and the revision of the one before", () => {
		const own = new OwnPresence(START);
		own.move({ cursor, selection, revision: 7 }, at(1));
		expect(own.state()).toMatchObject({ cursor, selection, revision: 7 });
		own.move({ cursor }, at(2));
		expect(own.state()).toEqual({ cursor, lastActivity: iso(2) });
	});
});
