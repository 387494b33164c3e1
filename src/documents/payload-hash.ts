import { hash } from "node:crypto";
import type { SubmittedEdit } from "../protocol/submission.ts";

/** Names an edit's payload, so that an op id that comes again with another payload is noticed. 11 characters. */
export function payloadHash(edit: SubmittedEdit): string {
	const payload =
		edit.form === "native"
			? [edit.op, edit.marks]
			: [
					edit.operation.type,
					edit.operation.position,
					edit.operation.length,
					edit.operation.content,
					edit.operation.attributes,
				];
	return hash("sha1", JSON.stringify(payload), "base64url").slice(0, 11);
}
