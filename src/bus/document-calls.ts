import type { ServiceBroker } from "moleculer";
import type { Asked } from "../protocol/asked.ts";
import type { ServedEventName } from "../protocol/events.ts";
import { type Actions, callAction } from "./actions.ts";
import { askService } from "./ask-service.ts";

type Request<K extends keyof Actions> = Actions[K]["in"];

/** What the REST interface asks of the other services. */
export class DocumentCalls {
	readonly #broker: ServiceBroker;

	constructor(broker: ServiceBroker) {
		this.#broker = broker;
	}

	ask = <N extends ServedEventName>(asked: Asked<N>) =>
		askService(this.#broker, asked);
	create = (request: Request<"room.create">) =>
		callAction(this.#broker, "room.create", request);
	describe = (request: Request<"room.document">) =>
		callAction(this.#broker, "room.document", request);
	list = (request: Request<"room.documents">) =>
		callAction(this.#broker, "room.documents", request);
	rename = (request: Request<"room.rename">) =>
		callAction(this.#broker, "room.rename", request);
	members = (request: Request<"room.members">) =>
		callAction(this.#broker, "room.members", request);
	invite = (request: Request<"room.invite">) =>
		callAction(this.#broker, "room.invite", request);
	kick = (request: Request<"room.kick">) =>
		callAction(this.#broker, "room.kick", request);
	read = (request: Request<"document-ot.read">) =>
		callAction(this.#broker, "document-ot.read", request);
	importText = (request: Request<"document-ot.import">) =>
		callAction(this.#broker, "document-ot.import", request);
	erase = (request: Request<"document-ot.erase">) =>
		callAction(this.#broker, "document-ot.erase", request);
}
