import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "@jest/globals";

const RING_0 = ["shared", "protocol", "ot"];
const DOMAIN_PORTS = [
	"documents/op-log",
	"documents/snapshot-store",
	"documents/document-eraser",
	"comments/comment",
	"comments/comment-store",
	"comments/ports",
	"rooms/requests",
	"rooms/revocation-store",
	"rooms/room-store",
	"presence/presence-book",
	"approvals/approval",
	"approvals/approval-store",
	"approvals/versions",
	"gateway/backend",
	"gateway/census",
	"versioning/version",
	"versioning/version-documents",
	"versioning/version-store",
	"gateway/user-relay",
];

/** What the files of a folder of `src/` may import of other folders: a folder, or a single file of it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	shared: ["protocol"],
	ot: ["shared", "protocol"],
	protocol: ["shared", "ot"],
	documents: RING_0,
	rooms: RING_0,
	comments: RING_0,
	presence: RING_0,
	versioning: RING_0,
	approvals: RING_0,
	gateway: [...RING_0, "rooms", "presence"],
	bus: [...RING_0, ...DOMAIN_PORTS, "rooms/rooms", "node"],
	db: [...RING_0, ...DOMAIN_PORTS, "node"],
	http: [...RING_0, ...DOMAIN_PORTS, "node"],
	node: [...RING_0, ...DOMAIN_PORTS],
	sdk: RING_0,
	web: ["sdk", "shared"],
	cli: ["bus", "db", "http", "node", ...RING_0],
};

const IMPORTS = /(?:from\s*|import\s*\(?\s*|new URL\(\s*)"(\.{1,2}\/[^"]+)"/g;

const files = globSync(["src/**/*.ts", "services/*.ts", "moleculer.config.ts"]);

const importsOf = (file: string): readonly string[] =>
	[...readFileSync(file, "utf8").matchAll(IMPORTS)].map(([, target]) =>
		normalize(join(dirname(file), target as string)),
	);

const folderOf = (file: string): string => file.split("/")[1] as string;

describe("the rings", () => {
	it("[ARCH-1] every folder of src is in the table", () => {
		const folders = new Set(
			files.filter((file) => file.startsWith("src/")).map(folderOf),
		);
		expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
	});

	it("[ARCH-1] a folder imports only what the table allows it", () => {
		const offences: string[] = [];
		for (const file of files.filter((name) => name.startsWith("src/"))) {
			const folder = folderOf(file);
			for (const target of importsOf(file)) {
				if (!target.startsWith("src/")) {
					const isStart =
						folder === "cli" && /^(services\/|moleculer\.config)/.test(target);
					const isBuilt = target.startsWith("dist/");
					if (!isStart && !isBuilt) offences.push(`${file} -> ${target}`);
					continue;
				}
				if (folderOf(target) === folder) continue;
				const path = target.replace(/^src\//, "").replace(/\.ts$/, "");
				const isAllowed = MAY_IMPORT[folder]?.some(
					(allowed) => path === allowed || path.startsWith(`${allowed}/`),
				);
				if (!isAllowed) offences.push(`${file} -> ${target}`);
			}
		}
		expect(offences).toEqual([]);
	});

	it("[ARCH-2] no import leads back to where it came from", () => {
		const graph = new Map(
			files.map((file) => [
				file,
				importsOf(file).filter((target) => files.includes(target)),
			]),
		);
		expect(cyclesIn(graph)).toEqual([]);
	});
});

function cyclesIn(
	graph: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
	const done = new Set<string>();
	const cycles: string[] = [];
	const visit = (file: string, path: readonly string[]): void => {
		if (path.includes(file)) {
			cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
			return;
		}
		if (done.has(file)) return;
		for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
		done.add(file);
	};
	for (const file of graph.keys()) visit(file, []);
	return cycles;
}
