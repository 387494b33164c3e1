import { gzipSync } from "node:zlib";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import { type RequestLines, request } from "./requests.ts";
import { type Expected, type HttpRow, MARK } from "./row.ts";

const DOCUMENTS = "/api/documents";

/** A request of somebody known. */
const rest = (
	{ row, name }: Pick<HttpRow, "row" | "name">,
	target: string,
	{ headers, ...lines }: RequestLines,
	refusal: Partial<Extract<Expected, { status: number }>>,
): HttpRow => ({
	row,
	name,
	door: "http",
	bytes: ({ token }) =>
		request(target, {
			...lines,
			headers: { Authorization: `Bearer ${token}`, ...headers },
		}),
	expect: { status: 400, code: "VALIDATION_FAILED", ...refusal },
});

const create = (
	name: string,
	body: string,
	refusal: Parameters<typeof rest>[3],
	headers: RequestLines["headers"] = {},
): HttpRow =>
	rest(
		{ row: 26, name },
		DOCUMENTS,
		{
			method: "POST",
			body,
			headers: { "Content-Type": "application/json", ...headers },
		},
		refusal,
	);
const invalid = (field: string) => ({ status: 422, data: { field } });
const tooLarge = { status: 413, code: "PAYLOAD_TOO_LARGE" } as const;
const tooMuch = JSON.stringify({
	markdown: MARK.repeat(DEFAULT_LIMITS.documentBytes / 3),
});

const badId = (name: string, id: string): HttpRow =>
	rest(
		{ row: 27, name },
		`${DOCUMENTS}/${id}`,
		{},
		{ data: { field: "prdId" } },
	);

/** 26: bodies over REST. 27: ids in the path. */
export const REST_ROWS: readonly HttpRow[] = [
	create("a body over the limit", tooMuch, tooLarge),
	create(
		"a body that inflates over the limit",
		gzipSync(tooMuch).toString("latin1"),
		tooLarge,
		{ "Content-Encoding": "gzip" },
	),
	create(
		"an unknown encoding",
		MARK,
		{ status: 415 },
		{
			"Content-Encoding": MARK,
		},
	),
	create(
		"text",
		MARK,
		{ status: 415, data: { field: "content-type" } },
		{
			"Content-Type": "text/plain",
		},
	),
	create(
		"an unknown charset",
		`{"title":"${MARK}"}`,
		{ status: 415 },
		{
			"Content-Type": `application/json; charset=${MARK}`,
		},
	),
	create("no JSON", `{"title":"${MARK}"`, {}),
	create("JSON after JSON", `{"title":"${MARK}"}{}`, {}),
	create("a number", "5", {}),
	create("a list", `["${MARK}"]`, invalid("$")),
	create("a prototype", `{"__proto__":{"title":"${MARK}"}}`, invalid("$")),
	create("a constructor", `{"constructor":{"title":"${MARK}"}}`, invalid("$")),
	create("an unknown field", `{"owner":"${MARK}"}`, invalid("$")),
	create("a title that is a list", `{"title":["${MARK}"]}`, invalid("title")),
	badId("NUL", "%00"),
	badId("dots", "..%2f..%2fetc%2fpasswd"),
	badId("more parts", "x%20y/../../etc/passwd"),
	badId("5 KiB", "x".repeat(5_120)),
	badId("a wildcard", "doc.*"),
	badId("not ASCII", "%C3%A4"),
	rest({ row: 27, name: "bad percent-encoding" }, `${DOCUMENTS}/%zz`, {}, {}),
];
