import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { ComposeCluster } from "../support/compose-cluster.ts";
import { inCluster } from "../support/in-cluster.ts";
import { prdtool, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";

const MS = 120_000;
const DOC = "plan";

interface Row {
	readonly node: string;
	readonly services: string;
	readonly state: string;
}

inCluster("an operator at the running cluster", () => {
	let cluster: ComposeCluster;
	let ann: RawClient;
	let bob: RawClient;
	const run = async (...words: readonly string[]) => {
		const { code, stdout, stderr } = await prdtool(
			["repl", "--json", ...words],
			cluster.environment as Record<string, string>,
		);
		return { code, stderr, rows: stdout === "" ? [] : JSON.parse(stdout) };
	};
	const join = async (replica: number, user: string) => {
		const gateway = cluster.of("ws-gateway")[replica];
		const client = await connect(`ws://${gateway?.address}:3000/ws`, {
			token: tokenFor(user),
		});
		await client.request("document:join", { prdId: DOC, mode: "edit" });
		return client;
	};
	beforeAll(async () => {
		cluster = await ComposeCluster.start({
			scale: { "document-ot": 2, "ws-gateway": 2 },
		});
		ann = await join(0, "ann");
		await ann.request("room:invite", {
			room: DOC,
			userId: "bob",
			role: "edit",
		});
		bob = await join(1, "bob");
	}, MS);
	afterAll(() => cluster?.close(), MS);

	it(
		"[OPER-1] sees every node and how it is",
		async () => {
			const { rows } = await run("health");
			expect(rows.map(({ services, state }: Row) => [services, state])).toEqual(
				expect.arrayContaining([
					["document-ot", "up"],
					["document-ot", "up"],
					["ws-gateway", "up"],
					["ws-gateway", "up"],
					["room", "up"],
					["presence", "up"],
				]),
			);
			expect(rows).toHaveLength(cluster.replicas.length);
		},
		MS,
	);

	it(
		"[OPER-2] finds a document's owner, its people and where they are connected",
		async () => {
			const [document] = (await run("doc", DOC)).rows;
			expect(document).toMatchObject({
				document: DOC,
				revision: 0,
				sessions: 2,
			});
			const owners = (await run("health")).rows.filter(
				({ services }: Row) => services === "document-ot",
			);
			expect(owners.map(({ node }: Row) => node)).toContain(document.node);
			const sessions = (await run("sessions")).rows;
			expect(
				sessions.map((row: Record<string, string>) => [row.user, row.in]),
			).toEqual(
				expect.arrayContaining([
					["ann", DOC],
					["bob", DOC],
				]),
			);
			expect(new Set(sessions.map(({ node }: Row) => node)).size).toBe(2);
			expect((await run("rooms")).rows).toEqual([
				expect.objectContaining({ room: DOC, sessions: 1 }),
				expect.objectContaining({ room: DOC, sessions: 1 }),
			]);
		},
		MS,
	);

	it(
		"[OPER-3] takes a person out of a document, or out of everything",
		async () => {
			await run("kick", "bob", DOC);
			expect((await bob.next("permission:changed")).data).toMatchObject({
				prdId: DOC,
				mode: null,
			});
			await run("kick", "bob");
			expect((await bob.closed).code).toBe(4100);
		},
		MS,
	);

	it(
		"[OPER-4] drains a gateway: its clients are sent elsewhere, it ends with code 0",
		async () => {
			const [, second] = cluster.of("ws-gateway");
			const { rows } = await run("sessions", "ann");
			const nodes = (await run("health")).rows
				.filter(({ services }: Row) => services === "ws-gateway")
				.map(({ node }: Row) => node);
			const other = nodes.find((node: string) => node !== rows[0].node);
			expect((await run("drain", rows[0].node)).code).toBe(0);
			expect((await ann.next("system:draining")).data).toHaveProperty(
				"retryAfter",
			);
			expect((await ann.closed).code).toBe(1012);
			expect(await cluster.of("ws-gateway")[0]?.exited).toBe(0);
			const again = await connect(`ws://${second?.address}:3000/ws`, {
				token: tokenFor("ann"),
			});
			await again.request("document:join", { prdId: DOC, mode: "edit" });
			expect((await run("sessions", "ann")).rows).toEqual([
				expect.objectContaining({ node: other, in: DOC }),
			]);
		},
		MS,
	);

	it(
		"[OPER-5] says in one line what was wrong, and exits with 1",
		async () => {
			expect(await run("drain", "nobody")).toMatchObject({
				code: 1,
				stderr: "prdtool: there is no node nobody; see: health\n",
			});
			expect((await run("fly")).code).toBe(1);
		},
		MS,
	);

	it(
		"[OPER-6] has Moleculer's console with the same commands",
		async () => {
			const child = spawn(process.execPath, ["src/cli/main.ts", "repl"], {
				env: cluster.environment,
				stdio: ["pipe", "pipe", "inherit"],
			});
			let shown = "";
			const { promise, resolve } = Promise.withResolvers<void>();
			child.stdout.on("data", (chunk) => {
				shown += chunk;
				if (shown.includes(`${DOC}  `) && shown.includes("document-ot"))
					resolve();
			});
			child.stdin.write(`doc ${DOC}\nservices\n`);
			await promise;
			child.stdin.end();
		},
		MS,
	);
});
