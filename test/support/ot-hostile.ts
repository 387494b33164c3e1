import fc from "fast-check";

/** JSON as an attacker writes it: what a parser makes of it goes into the validators. */
const LEAVES = [
	"1e400",
	"-1e400",
	"9007199254740992",
	"9007199254740991",
	"1.5",
	"-1",
	"-0",
	"0",
	"1",
	"3",
	"true",
	"null",
	'""',
	'"x"',
	'"7"',
	'"\\ud83d"',
	'"a\\udc00b"',
	'"\\u0000"',
	'"😀"',
	'"insert"',
	'"delete"',
	'"retain"',
	'"format"',
	'"javascript:alert(1)"',
	"[]",
	"{}",
];
const KEYS = [
	"d",
	"n",
	"a",
	"type",
	"position",
	"length",
	"content",
	"attributes",
	"vectorClock",
	"bold",
	"link",
	"__proto__",
	"constructor",
	"prototype",
	"toString",
	"toLocaleString",
	"hasOwnProperty",
	"x",
];

const { json } = fc.letrec<{ json: string }>((tie) => ({
	json: fc.oneof(
		{ maxDepth: 4, depthSize: "large", withCrossShrink: true },
		fc.constantFrom(...LEAVES),
		fc
			.array(tie("json"), { maxLength: 5 })
			.map((items) => `[${items.join(",")}]`),
		fc
			.array(fc.tuple(fc.constantFrom(...KEYS), tie("json")), { maxLength: 5 })
			.map(
				(entries) =>
					`{${entries.map(([key, value]) => `"${key}":${value}`).join(",")}}`,
			),
	),
}));

export const hostile: fc.Arbitrary<unknown> = json.map((text) =>
	JSON.parse(text),
);
