import type { DocumentOp } from "../ot/document-op.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { Clock } from "../shared/clock.ts";
import type { Limits } from "../shared/limits.ts";
import type { SdkError } from "./errors.ts";
import type { Join } from "./joins.ts";
import type { JoinedEvent, Request, Tell } from "./wire.ts";

/** What a document needs of its client. */
export interface DocHost {
	readonly clock: Clock;
	readonly random: () => number;
	readonly join: Join;
	readonly request: Request;
	readonly tell: Tell;
	limits(): Limits;
	newOpId(): string;
	/** Called once, at the document's end. */
	closed(docId: string): void;
}

export type Origin = "local" | "remote" | "reset";

export interface SyncListener {
	joined(event: JoinedEvent): void;
	/** The committed text has changed; the author is another session, or undefined. */
	advanced(op: TextOp, author: string | undefined): void;
	/** @param author session whose op it is, where that is one other session */
	changed(op: DocumentOp, origin: Origin, author: string | undefined): void;
	/** The server did not take an edit, and it has been taken out of the text; `text` is what it had inserted. */
	refused(error: SdkError, text: string): void;
	/** Edits can never be saved: `text` is what was shown with them. Called before they are taken out of it. */
	drafted(error: SdkError, text: string, unsent: number): void;
	/** The server has committed an edit. */
	committed(): void;
	/** Something about "live, unsent, over" may have changed. */
	moved(): void;
	ended(error: SdkError): void;
}

export type Life =
	| { readonly state: "away" }
	| { readonly state: "joining" }
	| { readonly state: "live" }
	| { readonly state: "over"; readonly error: SdkError };
