import type { Attributes, Mark } from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { WireError } from "../protocol/errors.ts";
import type { Limits } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import type { WirePeer } from "./typed-events.ts";

/** Data of `session:ready`. */
export interface Greeting {
	readonly sessionId: string;
	readonly userId: string;
	/** Milliseconds. */
	readonly heartbeatInterval: number;
	readonly limits?: Partial<Limits>;
}

/** Data of a native `operation:applied`, and an item of `missedOperations`. */
export interface AppliedEvent {
	readonly prdId?: string;
	readonly op: TextOp;
	readonly marks?: readonly Mark[];
	readonly revision: number;
	readonly opId: string;
	readonly userId: string;
	readonly sessionId: string;
}

export interface AttributeRange {
	readonly position: number;
	readonly length: number;
	readonly attributes: Attributes;
}

/** Text with its place in history, as `document:joined` and `document:reset` carry it. */
export interface SnapshotEvent {
	readonly currentContent: string;
	readonly attributes?: readonly AttributeRange[];
	readonly revision: number;
	readonly epoch: string;
}

/** Data of `document:joined`: either whole text, or the ops that were missed. */
export interface JoinedEvent {
	readonly title?: string;
	readonly currentContent?: string;
	readonly attributes?: readonly AttributeRange[];
	readonly missedOperations?: readonly AppliedEvent[];
	readonly revision: number;
	readonly epoch: string;
	readonly recovered?: boolean;
	readonly activeSessions?: readonly WirePeer[];
	readonly mode?: Mode;
}

export type Reply =
	| { readonly ok: true; readonly data: unknown }
	| { readonly ok: false; readonly error: WireError };

/** Sends a request; `settle` runs in the order of the connection's frames, and never after the connection is lost. */
export type Request = (
	type: string,
	data: object,
	settle: (reply: Reply) => void,
) => void;

/** Sends what needs no answer; lost without a session. */
export type Tell = (type: string, data: object) => void;
