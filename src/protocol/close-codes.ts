/** What a client does after a close: the hundreds digit says it, also for a code that it has never seen. */
export type CloseAction = "stop" | "reauthenticate" | "reconnect";

export interface Close {
	readonly code: number;
	/** Constant, at most 123 bytes of UTF-8 (what a close frame holds). */
	readonly reason: string;
	/** Seconds after which another attempt is welcome. */
	readonly retryAfter?: number;
}

/** Every way in which the server ends a connection. */
export const CLOSES = {
	malformed: { code: 4000, reason: "too many malformed frames" },
	notAllowed: { code: 4003, reason: "origin or person not allowed" },
	roomFull: { code: 4005, reason: "room full" },
	replaced: { code: 4009, reason: "replaced by a newer connection" },
	protocol: { code: 4010, reason: "protocol version not supported" },
	terminated: { code: 4100, reason: "session terminated" },
	unauthenticated: { code: 4101, reason: "token missing or bad" },
	notAdmitted: { code: 4105, reason: "token no longer admits" },
	tokenExpired: { code: 4109, reason: "token expired" },
	slow: { code: 4208, reason: "too slow to read" },
	positionLost: { code: 4210, reason: "position lost" },
	heartbeat: { code: 4212, reason: "heartbeat missed" },
	rateAbuse: { code: 4213, reason: "rate limit abused", retryAfter: 10 },
	badPacket: { code: 1002, reason: "bad packet" },
	goingAway: { code: 1001, reason: "going away" },
	binary: { code: 1003, reason: "binary frames are not supported" },
	restart: { code: 1012, reason: "restart" },
	overloaded: { code: 1013, reason: "overloaded" },
} as const satisfies Record<string, Close>;

/** Codes of the WebSocket layer that another attempt would only repeat. */
const STOP_BELOW_4000 = new Set([1002, 1003, 1007, 1008, 1009]);

/** What a client does after this close code; an unknown one below 4000 is worth another attempt. */
export function closeAction(code: number): CloseAction {
	if (code < 4000 || code > 4999)
		return STOP_BELOW_4000.has(code) ? "stop" : "reconnect";
	const hundreds = Math.floor(code / 100) % 10;
	if (hundreds === 0) return "stop";
	return hundreds === 1 ? "reauthenticate" : "reconnect";
}
