import type { Asked } from "../../protocol/asked.ts";
import type { DocId } from "../ids.ts";
import type { Role } from "../roles.ts";

/**
 * Lets somebody into what he asks of a document, joined or not; the registry says which role that takes.
 * Throws `NOT_FOUND`, or `FORBIDDEN` for a lesser role or none.
 */
export type Admission = (
	asked: Pick<Asked, "event" | "person">,
	docId: DocId,
) => Promise<{ readonly role: Role }>;
