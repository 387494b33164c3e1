import { served, server } from "./event.ts";
import * as versions from "./schemas/version.ts";

/** Named versions of documents. */
export const VERSION_EVENTS = {
	"version:create": served(versions.versionCreate, {
		role: "edit",
		rate: "review",
		action: "versioning.create",
		answer: "version:created",
	}),
	"version:update": served(versions.versionUpdate, {
		role: "edit",
		rate: "review",
		action: "versioning.update",
		answer: "version:updated",
	}),
	"version:restore": served(versions.versionNamed, {
		role: "edit",
		rate: "review",
		action: "versioning.restore",
		answer: "version:restored",
	}),
	"version:list": served(versions.versionList, {
		role: "view",
		rate: "review",
		action: "versioning.list",
		answer: null,
		reply: versions.versionListed,
	}),
	"version:get": served(versions.versionNamed, {
		role: "view",
		rate: "review",
		action: "versioning.get",
		answer: null,
		reply: versions.versionGot,
	}),
	"version:diff": served(versions.versionDiff, {
		role: "view",
		rate: "review",
		action: "versioning.diff",
		answer: null,
		reply: versions.versionCompared,
	}),
	"version:created": server(versions.versionCreated),
	"version:updated": server(versions.versionUpdated),
	"version:restored": server(versions.versionRestored),
} as const;
