import {
	type Context,
	type Endpoint,
	type EndpointList,
	type ServiceBroker,
	Strategies,
} from "moleculer";
import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { DocId } from "../shared/ids.ts";

/** A node's answer to an edit of a document that to its knowledge another one owns. */
export interface NotOwner {
	readonly outcome: "not-owner";
}

/** Name of the strategy by which actions on one document find its owner; an action names it as its `strategy`. */
export const TO_OWNER = "ToOwner";

/**
 * The node of those that calls for the document go to; the same for everybody who knows the same nodes. When one
 * comes or goes, only the documents that it takes or leaves move.
 */
export function ownerOf(
	nodes: readonly [string, ...string[]],
	docId: DocId,
): string {
	let owner = nodes[0];
	if (nodes.length === 1) return owner;
	let greatest = -1;
	for (const node of nodes) {
		const weight = weightOf(node, docId);
		if (weight > greatest || (weight === greatest && node > owner)) {
			greatest = weight;
			owner = node;
		}
	}
	return owner;
}

/** FNV-1a with the finish of murmur3: names that differ in one character weigh nothing alike. */
function weightOf(node: string, docId: DocId): number {
	// The space is in neither: it keeps the two apart.
	let hash = mix(mix(mix(0x811c9dc5, node), " "), docId);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(seed: number, text: string): number {
	let hash = seed;
	for (let i = 0; i < text.length; i++)
		hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	return hash;
}

/** Nodes that documents can live on, as this process knows them now. */
export function documentNodes(broker: ServiceBroker): readonly string[] {
	const list = broker.registry.actions.get("document-ot.submit") as
		| EndpointList<Endpoint>
		| undefined;
	return available(list?.endpoints ?? []);
}

/** Whether calls for the document come to this process; they do when there is nobody else. */
export function isOwner(broker: ServiceBroker, docId: DocId): boolean {
	const nodes = documentNodes(broker);
	return !isSome(nodes) || ownerOf(nodes, docId) === broker.nodeID;
}

/** Items in their order by the node that owns their document. Throws `UNAVAILABLE` when there is none. */
export function byOwner<Item>(
	broker: ServiceBroker,
	items: readonly Item[],
	docIdOf: (item: Item) => DocId,
): readonly (readonly [string, readonly Item[]])[] {
	const nodes = documentNodes(broker);
	if (!isSome(nodes))
		throw new CollabError("UNAVAILABLE", "The service is not available", {
			reason: "service",
		});
	if (nodes.length === 1) return [[nodes[0], items]];
	return [...Map.groupBy(items, (item) => ownerOf(nodes, docIdOf(item)))];
}

/** Has those judged that are this node's own; the others go back to whoever sent them. */
export async function submitOwn(
	broker: ServiceBroker,
	items: readonly Submission[],
	submit: (own: readonly Submission[]) => Promise<readonly SubmissionResult[]>,
): Promise<readonly (SubmissionResult | NotOwner)[]> {
	const isOwn = items.map(({ docId }) => isOwner(broker, docId));
	if (!isOwn.includes(false)) return submit(items);
	const results = [...(await submit(items.filter((_, i) => isOwn[i])))];
	return isOwn.map((own) =>
		own ? (results.shift() as SubmissionResult) : NOT_OWNER,
	);
}

const NOT_OWNER: NotOwner = { outcome: "not-owner" };

const isSome = (
	nodes: readonly string[],
): nodes is readonly [string, ...string[]] => nodes.length > 0;

const available = (endpoints: readonly Endpoint[]): readonly string[] =>
	endpoints.filter(({ isAvailable }) => isAvailable).map(({ id }) => id);

/** Calls of actions that have a `docId` go to the owner. */
class OwnerStrategy extends Strategies.Base {
	override select(endpoints: Endpoint[], ctx?: Context): Endpoint {
		const { docId } = (ctx?.params ?? {}) as { readonly docId?: DocId };
		const nodes = available(endpoints);
		const owner =
			isSome(nodes) && docId !== undefined ? ownerOf(nodes, docId) : nodes[0];
		return endpoints.find(({ id }) => id === owner) as Endpoint;
	}
}

// By name: what an action says of its strategy crosses the bus as JSON.
Strategies.register(TO_OWNER, OwnerStrategy as never);
