// `npm run test:chaos -- --seed N --minutes M [--bus redis] [--runs K]`: breaks a cluster for a while and says what came of it.
import { parseArgs } from "node:util";
import { runChaos } from "./chaos-run.ts";

const { values } = parseArgs({
	options: {
		seed: { type: "string", default: "1" },
		minutes: { type: "string", default: "1" },
		/** So many seeds, one after another. */
		runs: { type: "string", default: "1" },
		bus: { type: "string", default: "nats" },
	},
});
const first = Number(values.seed);
const ms = Number(values.minutes) * 60_000;
const bus = values.bus === "redis" ? "redis" : "nats";

let failed = 0;
for (let seed = first; seed < first + Number(values.runs); seed++) {
	const { violations, faults, ...rest } = await runChaos({ seed, ms, bus });
	const outcome = violations.length === 0 ? "held" : "BROKEN";
	console.log(`seed ${seed} ${outcome} ${faults.length} faults`, rest);
	for (const violation of violations)
		console.log(`  ${violation.slice(0, 1_000)}`);
	if (violations.length > 0) {
		failed += 1;
		console.log(`  faults: ${faults.join("; ")}`);
	}
}
process.exit(failed === 0 ? 0 : 1);
