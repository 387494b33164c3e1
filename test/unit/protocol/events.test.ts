import { describe, expect, it } from "@jest/globals";
import {
	type ClientData,
	type ClientEventName,
	EVENTS,
	errorEventOf,
	type ServerData,
} from "../../../src/protocol/events.ts";
import { findEvent } from "../../../src/protocol/validate.ts";
import type { DocId, OpId, UserId } from "../../../src/shared/ids.ts";
import type { Mode, Role } from "../../../src/shared/roles.ts";

/** Compiles only when both types are the same. */
type Same<A, B> =
	(<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
		? true
		: false;
const same = <A, B>(_: Same<A, B>): void => {};

describe("the registry of events", () => {
	it("[PROTO-1] holds every event once, with all that routing needs", () => {
		for (const [name, event] of Object.entries(EVENTS)) {
			if (event.direction === "server") continue;
			for (const spelling of [name, ...event.aliases]) {
				expect(findEvent(spelling)?.name).toBe(name);
				expect(findEvent(spelling.replace(":", "."))?.name).toBe(name);
			}
			if (event.answer !== null) expect(EVENTS).toHaveProperty([event.answer]);
		}
	});

	it("[PROTO-8] does not find what only the server sends", () => {
		for (const [name, { direction }] of Object.entries(EVENTS))
			if (direction === "server") expect(findEvent(name)).toBeUndefined();
	});

	it("[PROTO-16] names the area of every error", () => {
		expect(errorEventOf("document:join")).toBe("error:operation");
		expect(errorEventOf("operation:edit")).toBe("error:operation");
		expect(errorEventOf("room:invite")).toBe("error:room");
		expect(errorEventOf("auth:refresh")).toBe("error:auth");
		expect(errorEventOf(undefined)).toBe("error:protocol");
	});

	it("[PROTO-1] types of payloads are those of the schemas", () => {
		same<
			ClientEventName,
			| "auth"
			| "auth:refresh"
			| "ping"
			| "document:join"
			| "document:leave"
			| "session:recover"
			| "operation:edit"
			| "presence:cursor"
			| "presence:status"
			| "room:create"
			| "room:join"
			| "room:leave"
			| "room:message"
			| "room:list"
			| "room:invite"
			| "room:kick"
			| "comment:add"
			| "comment:edit"
			| "comment:delete"
			| "comment:resolve"
			| "comment:reopen"
			| "comment:react"
			| "comment:seen"
			| "comment:list"
			| "comment:export"
			| "approval:request"
			| "approval:grant"
			| "approval:reject"
			| "approval:cancel"
			| "approval:list"
			| "version:create"
			| "version:update"
			| "version:restore"
			| "version:list"
			| "version:get"
			| "version:diff"
		>(true);
		same<
			ClientData<"room:invite">,
			{ readonly room: DocId; readonly userId: UserId; readonly role: Role }
		>(true);
		same<ClientData<"document:join">["mode"], Mode>(true);
		same<ClientData<"document:join">["lastKnownRevision"], number | undefined>(
			true,
		);
		same<ServerData<"operation:ack">["opId"], OpId>(true);
		same<ServerData<"permission:changed">["mode"], Mode | null>(true);
		// @ts-expect-error a field that the schema does not have
		type Nothing = ClientData<"ping">["anything"];
		const nothing: Nothing | undefined = undefined;
		expect(nothing).toBeUndefined();
	});
});
