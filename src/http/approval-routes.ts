import type { Answer } from "./answer.ts";
import type { RestRequest } from "./rest-request.ts";

/** A page of a document's approvals, newest first; `nextCursor` leads on while there are more. */
export async function listApprovals(request: RestRequest): Promise<Answer> {
	const { docId: prdId } = request.visit;
	const [limit, cursor] = [request.query("limit"), request.query("cursor")];
	const body = await request.ask("approval:list", {
		prdId,
		...(limit === undefined ? {} : { limit: Number(limit) }),
		...(cursor === undefined ? {} : { cursor }),
	});
	return { status: 200, body };
}
