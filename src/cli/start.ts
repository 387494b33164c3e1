import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import approvals from "../../services/approvals.service.ts";
import comments from "../../services/comments.service.ts";
import documentOt from "../../services/document-ot.service.ts";
import presence from "../../services/presence.service.ts";
import room from "../../services/room.service.ts";
import versioning from "../../services/versioning.service.ts";
import wsGateway from "../../services/ws-gateway.service.ts";
import { pageFiles } from "../http/page.ts";
import { type Config, ConfigError, loadConfig } from "../node/config.ts";
import { authority } from "../node/listen.ts";

/** Every service of the product, in the order in which they are created. */
export const SERVICES: Readonly<Record<string, ServiceSchema>> = {
	"document-ot": documentOt as ServiceSchema,
	room: room as ServiceSchema,
	presence: presence as ServiceSchema,
	versioning: versioning as ServiceSchema,
	comments: comments as ServiceSchema,
	approvals: approvals as ServiceSchema,
	"ws-gateway": wsGateway as ServiceSchema,
};

/** Starts the named services (all when none is named) and says on stdout when they are ready. */
export async function start(names: readonly string[]): Promise<ServiceBroker> {
	const config = loadConfig(process.env);
	const schemas = schemasOf(names);
	const { brokerOptions } = await import("../../moleculer.config.ts");
	const broker = new ServiceBroker(await brokerOptions(config));
	for (const schema of schemas) broker.createService(schema);
	await broker.start();
	announce(broker, config);
	return broker;
}

function schemasOf(names: readonly string[]): readonly ServiceSchema[] {
	const unknown = names.find((name) => !Object.hasOwn(SERVICES, name));
	if (unknown !== undefined)
		throw new ConfigError(
			`there is no service "${unknown}"; there are ${Object.keys(SERVICES).join(", ")}`,
		);
	return Object.entries(SERVICES)
		.filter(([name]) => names.length === 0 || names.includes(name))
		.map(([, schema]) => schema);
}

function announce(broker: ServiceBroker, { demo, host }: Config): void {
	const gateway = broker.getLocalService("ws-gateway") as unknown as
		| { readonly server: Server }
		| undefined;
	if (gateway === undefined) {
		process.stdout.write("prdtool is ready\n");
		return;
	}
	if (pageFiles === undefined)
		process.stderr.write("prdtool: the page is not built: npm run build:web\n");
	if (demo)
		process.stderr.write(
			"prdtool: development: visitors of this machine sign in by name alone; set JWT_SECRET to end that\n",
		);
	const { port } = gateway.server.address() as AddressInfo;
	process.stdout.write(`prdtool is ready at http://${authority(host, port)}\n`);
}
