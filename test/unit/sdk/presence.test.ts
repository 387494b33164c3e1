import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { movePlace, type Place } from "../../../src/sdk/place.ts";
import { LinearServer, Person } from "./doc-lab.ts";

type Move = "write" | "erase" | "point" | "send" | "hear" | "tell";
interface Step {
	readonly who: number;
	readonly move: Move;
	readonly at: number;
	readonly to: number;
}
const steps = fc.array(
	fc.record({
		who: fc.nat(2),
		move: fc.constantFrom<Move>(
			"write",
			"erase",
			"point",
			"point",
			"send",
			"send",
			"hear",
			"hear",
			"tell",
		),
		at: fc.nat(1_000),
		to: fc.nat(1_000),
	}),
	{ maxLength: 80, size: "max" },
);

const sessionOf = ({ name }: Person) => ({
	sessionId: name,
	userId: name,
	userName: name,
	mode: "edit",
	color: "#047857",
	lastActivity: "2024-01-26T10:30:00.000Z",
});

/** Somebody, where he writes himself, and what each of the others has not heard of that. */
class Writer {
	readonly person: Person;
	place: Place | undefined;
	readonly #others = new Map<Writer, number>();

	constructor(name: string, server: LinearServer) {
		this.person = new Person(name, server);
		this.person.connect();
		this.person.send();
		this.person.hear();
		this.person.doc.on("change", ({ op, origin }) => {
			this.place =
				this.place && movePlace(this.place, op.t, origin === "local");
		});
	}

	get size(): number {
		return [...this.person.doc.text].length;
	}

	meet(other: Writer): void {
		this.#others.set(other, 0);
		const session = sessionOf(this.person);
		other.person.doc.hear("presence:joined", { prdId: "d", session });
	}

	point(at: number, to: number): void {
		const [cursor, anchor] = [at % (this.size + 1), to % (this.size + 1)];
		this.person.doc.setCursor(cursor, anchor);
		const [start, end] = [Math.min(cursor, anchor), Math.max(cursor, anchor)];
		this.place =
			start < end ? { cursor, selection: { start, end } } : { cursor };
	}

	/** One of the others hears the next that he has not heard; true when there was something. */
	tell(nth: number): boolean {
		const [other, heard] = [...this.#others][nth % this.#others.size] as [
			Writer,
			number,
		];
		const told = this.person.told[heard];
		if (told === undefined) return false;
		this.#others.set(other, heard + 1);
		const { name } = this.person;
		other.person.doc.hear("presence:updated", {
			userId: name,
			sessionId: name,
			lastActivity: "2024-01-26T10:30:00.000Z",
			...told.data,
		});
		return true;
	}

	play({ move, at, to }: Step): void {
		const { doc } = this.person;
		this.person.clock.advance(60);
		if (move === "write")
			doc.insert(at % (this.size + 1), "x😀y".slice(to % 2));
		else if (move === "erase") {
			const from = at % (this.size + 1);
			doc.delete(from, Math.min(1 + (to % 4), this.size - from));
		} else if (move === "point") this.point(at, to);
		else if (move === "tell") this.tell(at);
		else this.person[move]();
	}
}

function together(): readonly Writer[] {
	const server = new LinearServer();
	const writers = ["ann", "bob", "cy"].map((name) => new Writer(name, server));
	for (const one of writers)
		for (const other of writers) if (one !== other) one.meet(other);
	return writers;
}

/** Until nobody has anything more to send, to hear or to tell. */
function settle(writers: readonly Writer[]): void {
	for (let round = 0; round < 200; round++)
		for (const writer of writers) {
			writer.person.send();
			writer.person.hear();
			writer.person.clock.advance(60);
			writer.tell(0);
			writer.tell(1);
		}
}

const placeOf = (name: string, { person }: Writer): Place | undefined =>
	person.doc.peers.find(({ sessionId }) => sessionId === name)?.place;

describe("where others write", () => {
	it("[SDK-28] everybody sees a cursor where its owner has it, whoever wrote meanwhile and however late it was told", () => {
		fc.assert(
			fc.property(steps, (moves) => {
				const writers = together();
				for (const step of moves) (writers[step.who] as Writer).play(step);
				settle(writers);
				const places = writers.map((viewer) =>
					writers.map((owner) =>
						owner === viewer ? owner.place : placeOf(owner.person.name, viewer),
					),
				);
				expect(places[1]).toEqual(places[0]);
				expect(places[2]).toEqual(places[0]);
			}),
			{ numRuns: 1_000 },
		);
	});

	it("[SDK-29] typing alone tells no cursor: the others move it with the text", () => {
		const writers = together();
		const [ann, bob] = writers as [Writer, Writer, Writer];
		ann.point(0, 0);
		for (let i = 0; i < 10; i++) {
			ann.person.doc.insert(i, "😀");
			settle(writers);
		}
		expect(ann.person.told).toHaveLength(1);
		expect(placeOf("ann", bob)).toEqual({ cursor: 10 });
	});

	it("[SDK-29] a cursor is told at most once in 60 ms, and only in a text that all know", () => {
		const [ann] = together() as [Writer, Writer, Writer];
		ann.person.doc.insert(0, "abc");
		ann.point(1, 1);
		expect(ann.person.told).toEqual([]);
		ann.person.send();
		ann.person.hear();
		expect(ann.person.told).toEqual([
			{
				type: "presence:cursor",
				data: { prdId: "d", cursor: { line: 0, ch: 1 }, revision: 1 },
			},
		]);
		ann.point(2, 3);
		ann.point(3, 0);
		expect(ann.person.told).toHaveLength(1);
		ann.person.clock.advance(60);
		expect(ann.person.told.slice(1).map(({ data }) => data)).toEqual([
			expect.objectContaining({
				cursor: { line: 0, ch: 3 },
				selection: { start: { line: 0, ch: 0 }, end: { line: 0, ch: 3 } },
			}),
		]);
	});

	it("[SDK-29] who joins is told a cursor that he could not place", () => {
		const writers = together();
		const [ann, bob, cy] = writers as [Writer, Writer, Writer];
		ann.point(0, 0);
		bob.person.doc.insert(0, "bef");
		settle(writers);
		expect(ann.person.told).toHaveLength(1);
		cy.meet(ann);
		ann.person.clock.advance(60);
		expect(ann.person.told).toHaveLength(2);
		expect(ann.person.told[1]?.data).toMatchObject({ revision: 1 });
		cy.meet(ann);
		ann.person.clock.advance(60);
		expect(ann.person.told).toHaveLength(2);
	});

	it("[SDK-26] an update replaces the status, and its absence ends it", () => {
		const [ann, bob] = together() as [Writer, Writer, Writer];
		const heard: (string | undefined)[] = [];
		bob.person.doc.on("peers", (peers) =>
			heard.push(peers.find(({ userId }) => userId === "ann")?.status),
		);
		const update = { userId: "ann", sessionId: "ann", lastActivity: "now" };
		const hear = (more: object) =>
			bob.person.doc.hear("presence:updated", { ...update, ...more });
		hear({ status: "typing" });
		hear({ status: "typing", cursor: { line: 0, ch: 0 } });
		hear({});
		expect(heard).toEqual(["typing", undefined]);
		ann.person.doc.setStatus("away");
		expect(ann.person.told.at(-1)).toEqual({
			type: "presence:status",
			data: { prdId: "d", status: "away" },
		});
	});
});

describe("rights that change", () => {
	const permit = ({ person }: Writer, mode: string | null) =>
		person.doc.hear("permission:changed", { prdId: "d", mode, reason: "set" });

	it("[SDK-32] without the right to edit, edits that wait are given back as a draft, and the text is the server's again", () => {
		const [ann] = together() as [Writer, Writer, Writer];
		const { doc } = ann.person;
		const drafts: unknown[] = [];
		doc.on("draft", ({ text, unsent }) => drafts.push({ text, unsent }));
		doc.insert(0, "one ");
		doc.insert(4, "two ");
		ann.person.fault = "forbid";
		permit(ann, "view");
		expect(drafts).toEqual([{ text: "one two ", unsent: 2 }]);
		expect(doc.text).toBe("one ");
		expect(doc.editable).toBe(false);
		ann.person.send();
		ann.person.hear();
		expect(doc.text).toBe("");
		expect(ann.person.refused).toEqual([]);
		expect(doc.saveState).toBe("failed");
		permit(ann, "edit");
		doc.insert(0, "two");
		ann.person.send();
		ann.person.hear();
		expect(doc.saveState).toBe("saved");
		expect(drafts).toHaveLength(1);
	});

	it("[SDK-32] an edit that was under way when the right was taken counts if it was committed", () => {
		const [ann] = together() as [Writer, Writer, Writer];
		ann.person.doc.insert(0, "one ");
		ann.person.send();
		permit(ann, "comment");
		ann.person.hear();
		expect(ann.person.doc.text).toBe("one ");
		expect(ann.person.doc.unsent).toBe(0);
	});

	it.each([
		["a document that is deleted", "document:deleted", "NOT_FOUND"],
		["being put out", "permission:changed", "FORBIDDEN"],
	])(
		"[SDK-33] %s ends it, with unsaved edits as a draft",
		(_name, type, code) => {
			const [ann] = together() as [Writer, Writer, Writer];
			const { doc } = ann.person;
			const heard: unknown[] = [];
			doc.on("draft", ({ text }) => heard.push(text));
			doc.on("closed", (error) => heard.push(error.code));
			doc.insert(0, "mine");
			doc.hear(type, { prdId: "d", mode: null, reason: "kicked" });
			expect(heard).toEqual(["mine", code]);
			expect(doc.text).toBe("mine");
			expect(doc.saveState).toBe("failed");
			expect(doc.editable).toBe(false);
		},
	);
});
