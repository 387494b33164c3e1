import type { ServiceBroker } from "moleculer";
import type { Asked } from "../protocol/asked.ts";
import { CollabError } from "../protocol/errors.ts";
import { EVENTS } from "../protocol/events.ts";
import { visitorOf } from "../rooms/requests.ts";
import { Permissions } from "../shared/permissions.ts";
import type { Admission } from "../shared/ports/admission.ts";
import { requireRole } from "../shared/roles.ts";
import { callAction } from "./actions.ts";

/** Asks the room service who may ask what of a document's services: their one door. */
export const admissionBy =
	(broker: ServiceBroker): Admission =>
	async ({ event, person }, docId) => {
		const { role, kind } = await callAction(broker, "room.visit", {
			docId,
			...visitorOf(bearerOf(person), docId),
		});
		if (kind !== "document")
			throw new CollabError("NOT_FOUND", "There is no such document");
		const needed = EVENTS[event].role;
		if (needed !== null) requireRole(role, needed);
		return { role };
	};

const bearerOf = ({ userId, permissions }: Asked["person"]) =>
	permissions === undefined
		? { userId }
		: { userId, permissions: new Permissions(permissions) };
