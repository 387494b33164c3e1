import { describe, expect, it } from "@jest/globals";
import type { SessionId, UserId } from "../../../src/shared/ids.ts";
import { DOC, DocumentsLab } from "../../support/documents-lab.ts";
import { plain } from "../../support/ot-generators.ts";

const restore = {
	docId: DOC,
	userId: "eve" as UserId,
	sessionId: "s_restore" as SessionId,
};

describe("restoring while the document moves to another node", () => {
	it("[VERSION-8] what fits into one op is made again on what the other node has written", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ben = await two.join("ben");
		one.line.holdsCommits = true;
		const restored = one.directory.replaceContent(restore, plain("old"));
		const commit = await one.line.nextCommit();
		one.line.holdsCommits = false;
		await two.submit(ben.edit(["new "], { revision: 0 }));
		await commit.succeed();
		expect(await restored).toBe(2);
		expect(["oldnew ", "new old"]).toContain(await one.text());
	});

	it("[VERSION-8] what takes several is not made at all, and can be asked for again", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [
			lab.owner({ insertCodePoints: 1 }),
			lab.owner({ insertCodePoints: 9 }),
		];
		const ben = await two.join("ben");
		one.line.holdsCommits = true;
		const restored = one.directory.replaceContent(restore, plain("old"));
		const commit = await one.line.nextCommit();
		one.line.holdsCommits = false;
		await two.submit(ben.edit(["new "], { revision: 0 }));
		await Promise.all([
			commit.succeed(),
			expect(restored).rejects.toMatchObject({
				code: "UNAVAILABLE",
				retryable: true,
				data: { reason: "overtaken" },
			}),
		]);
		expect(await one.text()).toBe("new ");
		const again = { ...restore, sessionId: "s_again" as SessionId };
		await one.directory.replaceContent(again, plain("old"));
		expect(await one.text()).toBe("old");
	});
});
