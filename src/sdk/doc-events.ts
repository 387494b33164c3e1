import type { DocumentOp } from "../ot/document-op.ts";
import type { Mode } from "../shared/roles.ts";
import type { Origin } from "./doc-host.ts";
import type { SdkError } from "./errors.ts";
import type { Peer } from "./presence.ts";
import type { SaveReport } from "./save-watch.ts";

export interface Change {
	/** Positions are code points. */
	readonly op: DocumentOp;
	readonly origin: Origin;
	/** What was given to `edit`: lets an editor pass over its own changes. */
	readonly source?: unknown;
	/** Session whose op it is, where that is one other session. */
	readonly author?: string;
}

export interface DocEvents {
	change: Change;
	/** The save state or the number of unsent edits changed. */
	state: SaveReport;
	saved: { readonly revision: number };
	/** The server did not take an edit; it has been taken out of the text. `text` is what it had inserted. */
	refused: { readonly error: SdkError; readonly text: string };
	/** Edits that can never be saved, because the right to edit is gone: `text` is the document with them, to be copied. */
	draft: Draft;
	/** Somebody came, left, or changed the status. */
	peers: readonly Peer[];
	/** Somebody moved the cursor; that places move with the text is not told. */
	places: readonly Peer[];
	mode: Mode;
	renamed: Renamed;
	/** The document ended for us: closed, deleted, or no longer allowed. */
	closed: SdkError;
}

export interface Draft {
	readonly text: string;
	/** Edits in it that are not committed. */
	readonly unsent: number;
	readonly error: SdkError;
}

export interface Renamed {
	readonly title: string;
	/** Who has renamed it; undefined when that happened while we were away. */
	readonly userId?: string;
}
