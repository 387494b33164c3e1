import { docId, role, userId } from "./common.ts";

export const roomInvite = {
	$$strict: "remove",
	room: docId,
	userId,
	role,
} as const;
