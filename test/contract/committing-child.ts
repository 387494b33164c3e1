/**
 * Commits to one document, one flush after the other, and prints each head once it is acknowledged.
 * Arguments: database config (JSON), document id, count of flushes (endless when absent).
 */

import { openDatabase } from "../../src/db/connect.ts";
import type { DatabaseConfig } from "../../src/db/database.ts";
import type { DocId } from "../../src/shared/ids.ts";
import { identityOf, openDesk, opLogOf } from "./desk.ts";

const [config = "", docId = "", count = "Infinity"] = process.argv.slice(2);
const database = await openDatabase(JSON.parse(config) as DatabaseConfig);
const log = opLogOf(database);
const { docKey } = await log.open(docId as DocId);
const desk = await openDesk(
	log,
	docId as DocId,
	identityOf("ann", `child-${process.pid}`),
);
let head = await log.settleHead(docKey);
for (let flush = 0; flush < Number(count); flush += 1) {
	const group = desk.group(head, 1 + (flush % 3));
	const [outcome] = await log.commit([group]);
	if (outcome !== "committed") throw new Error(`Flush ${flush}: ${outcome}`);
	head += group.rows.length;
	process.stdout.write(`${head}\n`);
}
await database.close();
