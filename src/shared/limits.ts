/** Every bound of the product, announced in `session:ready.limits`. Units are in the names. */
export interface Limits {
	/** UTF-8 bytes of one incoming frame; over it: close 1009. */
	readonly frameBytes: number;
	/** Code points that one operation may insert; over it: `PAYLOAD_TOO_LARGE`. */
	readonly insertCodePoints: number;
	/** UTF-8 bytes (bounded from above by 4 per astral, 3 per other code point) of one document's text. */
	readonly documentBytes: number;
	/** Components of one operation's text half, and of its marks. */
	readonly components: number;
	readonly attributes: number;
	readonly attributeChars: number;
	/** Documents one session may have joined at once. */
	readonly documents: number;
	/** Unanswered operations of one session in one document. */
	readonly inflight: number;
	readonly jsonDepth: number;
	/** Connections of one gateway; over it: HTTP 503. */
	readonly connections: number;
	/** Of one person, and from one address, at all gateways that share a Redis; over it: HTTP 429. */
	readonly connectionsPerUser: number;
	readonly connectionsPerAddress: number;
	/** Sessions of one person in one document at one gateway; over it: `RATE_LIMITED`. */
	readonly sessionsPerDocument: number;
}

export const DEFAULT_LIMITS: Limits = {
	frameBytes: 262_144,
	insertCodePoints: 65_536,
	documentBytes: 2_097_152,
	components: 1_000,
	attributes: 16,
	attributeChars: 256,
	documents: 50,
	inflight: 64,
	jsonDepth: 32,
	connections: 20_000,
	connectionsPerUser: 20,
	connectionsPerAddress: 200,
	sessionsPerDocument: 10,
};
