import type { ServiceSchema } from "moleculer";

/** What every node of the cluster does beside its services; Moleculer's own `$node` actions stay. */
export const nodeService: ServiceSchema = {
	name: "$node",
	actions: {
		drain: {
			// As when the process is told to end from outside: it drains first, and exits with code 0.
			handler(): void {
				setImmediate(() => process.kill(process.pid, "SIGTERM"));
			},
		},
	},
};
