import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { LinearServer, Person, settle } from "./doc-lab.ts";

type Move =
	| "edit"
	| "erase"
	| "send"
	| "hear"
	| "cut"
	| "connect"
	| "lose"
	| "refuse"
	| "resync"
	| "retry"
	| "reset"
	| "forget";
interface Step {
	readonly who: number;
	readonly move: Move;
	readonly at: number;
}

const ORDERLY: readonly Move[] = [
	"edit",
	"edit",
	"erase",
	"send",
	"send",
	"hear",
	"hear",
	"cut",
	"connect",
	"connect",
	"lose",
	"resync",
	"retry",
];
const ROUGH: readonly Move[] = [...ORDERLY, "refuse", "reset", "forget"];

const stepsOf = (moves: readonly Move[]): fc.Arbitrary<Step[]> =>
	fc.array(
		fc.record({
			who: fc.nat(2),
			move: fc.constantFrom(...moves),
			at: fc.nat(1_000),
		}),
		{ maxLength: 80, size: "max" },
	);

class Lab {
	readonly server = new LinearServer();
	readonly people = ["ann", "bob", "cy"].map(
		(name) => new Person(name, this.server),
	);
	readonly written: string[] = [];
	readonly erased = new Set<string>();

	constructor() {
		for (const person of this.people) {
			person.connect();
			person.send();
			person.hear();
		}
	}

	play({ who, move, at }: Step): void {
		const person = this.people[who] as Person;
		if (move === "edit") this.#write(person, at);
		else if (move === "erase") this.#erase(person, at);
		else if (move === "forget") this.server.horizon = this.server.log.length;
		else if (move === "refuse" || move === "resync" || move === "retry")
			person.fault = move;
		else person[move]();
	}

	/** Text of which every character occurs once in the whole run, half of them of two UTF-16 units. */
	#write(person: Person, at: number): void {
		const text = Array.from({ length: 1 + (at % 6) }, (_, i) => {
			const nth = this.written.length + i;
			return String.fromCodePoint((nth % 2 ? 0x1f300 : 0x4e00) + nth);
		});
		this.written.push(...text);
		const length = [...person.doc.text].length;
		person.doc.insert(at % (length + 1), text.join(""));
	}

	#erase(person: Person, at: number): void {
		const characters = [...person.doc.text];
		if (characters.length === 0) return;
		const position = at % characters.length;
		const gone = characters.slice(position, position + 1 + (at % 3));
		for (const character of gone) this.erased.add(character);
		person.doc.delete(position, gone.length);
	}

	finish(): string {
		settle(this.people);
		const { text } = this.server.content;
		for (const { doc, screen } of this.people) {
			expect(doc.text).toBe(text);
			expect(screen.text).toBe(text);
			expect(doc.unsent).toBe(0);
			expect(doc.revision).toBe(this.server.log.length);
		}
		return text;
	}
}

const countsIn = (text: string): Map<string, number> => {
	const counts = new Map<string, number>();
	for (const character of text)
		counts.set(character, (counts.get(character) ?? 0) + 1);
	return counts;
};

describe("Doc, three people and one linear server", () => {
	it("[SDK-1] all show the server's text at the end, each edit in it exactly once, whatever is lost or asked again", () => {
		fc.assert(
			fc.property(stepsOf(ORDERLY), (steps) => {
				const lab = new Lab();
				for (const step of steps) lab.play(step);
				const counts = countsIn(lab.finish());
				for (const character of lab.written)
					expect(counts.get(character) ?? 0).toBe(
						lab.erased.has(character) ? 0 : 1,
					);
			}),
			{ numRuns: 2_000 },
		);
	});

	it("[SDK-2] a refused edit is the only text that is missing, also across snapshots and forgotten history", () => {
		fc.assert(
			fc.property(stepsOf(ROUGH), (steps) => {
				const lab = new Lab();
				for (const step of steps) lab.play(step);
				const counts = countsIn(lab.finish());
				const refused = new Set(
					lab.people.flatMap((person) => [...person.refused.join("")]),
				);
				for (const character of lab.written) {
					const count = counts.get(character) ?? 0;
					if (refused.has(character)) expect(count).toBe(0);
					else if (!lab.erased.has(character)) expect(count).toBe(1);
					else expect(count).toBeLessThanOrEqual(1);
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});
