import type { Visitor } from "../rooms/requests.ts";
import type { DocId } from "../shared/ids.ts";
import type { Identity } from "./authenticate.ts";

/** A bearer at the door of a room: by his token's permissions when it has any, else by his name. */
export const visitorOf = (
	{ userId, permissions }: Pick<Identity, "userId" | "permissions">,
	docId: DocId,
): Visitor => ({
	userId,
	...(permissions === undefined
		? {}
		: { tokenRole: permissions.roleOn(docId) ?? null }),
});
