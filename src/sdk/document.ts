import { checkDocumentOp, type DocumentOp } from "../ot/document-op.ts";
import type { TextOp } from "../ot/text-op.ts";
import { DEFAULT_LIMITS } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import type { Change, DocEvents, Renamed } from "./doc-events.ts";
import type { DocHost } from "./doc-host.ts";
import { DocPresence } from "./doc-presence.ts";
import { DocSync } from "./doc-sync.ts";
import { Emitter } from "./emitter.ts";
import { SdkError } from "./errors.ts";
import type { Peer } from "./presence.ts";
import { type SaveReport, type SaveState, SaveWatch } from "./save-watch.ts";
import { canonical, textDiff } from "./text-diff.ts";
import type { Status } from "./typed-events.ts";
import { cleanText } from "./utf16.ts";
import type { AppliedEvent, JoinedEvent, SnapshotEvent } from "./wire.ts";

/** Long edits are legal: they are cut to the server's limits when they are sent. */
const ANY_SIZE = {
	...DEFAULT_LIMITS,
	insertCodePoints: Number.POSITIVE_INFINITY,
	components: Number.POSITIVE_INFINITY,
};

/** One shared document: edits show at once, offline too; what others do arrives as changes. */
export class Doc {
	readonly id: string;
	readonly #host: DocHost;
	readonly #sync: DocSync;
	readonly #saves: SaveWatch;
	readonly #emitter = new Emitter<DocEvents>();
	readonly #presence: DocPresence;
	readonly #opened = Promise.withResolvers<Doc>();
	#title = "";

	/** @param wanted without it the document opens in the best mode that the person may use */
	constructor(id: string, wanted: Mode | undefined, host: DocHost) {
		this.id = id;
		this.#host = host;
		this.#saves = new SaveWatch((report) => this.#tellSaves(report));
		this.#sync = new DocSync(id, wanted, host, {
			joined: (event) => this.#joined(event),
			advanced: (op, author) => this.#presence.advanced(op, author),
			changed: (op, origin, author) =>
				this.#changed({ op, origin, ...(author ? { author } : {}) }),
			committed: () => this.#saves.succeeded(),
			moved: () => this.#moved(),
			ended: (error) => this.#ended(error),
			refused: (error, text) => {
				this.#saves.failed(error);
				this.#emitter.emit("refused", { error, text });
			},
			drafted: (error, text, unsent) => {
				this.#saves.failed(error);
				this.#emitter.emit("draft", { error, text, unsent });
			},
		});
		this.#presence = new DocPresence(id, host, this.#sync);
		// Whoever opened the document hears of it; nobody else must.
		this.#opened.promise.catch(() => {});
	}

	/** Resolves when the document has been joined; rejects when that is not allowed. */
	get opened(): Promise<Doc> {
		return this.#opened.promise;
	}

	get text(): string {
		return this.#sync.queue.content.text;
	}

	/** How many committed ops the text contains. */
	get revision(): number {
		return this.#sync.queue.rev;
	}

	get title(): string {
		return this.#title;
	}

	get mode(): Mode {
		return this.#sync.mode;
	}

	/** Whether `edit` would take an edit now; offline makes no difference. */
	get editable(): boolean {
		return this.mode === "edit" && this.#sync.life.state !== "over";
	}

	get saveState(): SaveState {
		return this.#saves.report.saveState;
	}

	/** Why the save state is `failed`. */
	get saveError(): SdkError | undefined {
		return this.#saves.report.error;
	}

	/** Edits that are not committed yet. */
	get unsent(): number {
		return this.#saves.report.unsent;
	}

	/** The other sessions in this document. */
	get peers(): readonly Peer[] {
		return this.#presence.peers;
	}

	/**
	 * Tells the others where one writes; positions are code points. Cheap enough for every key stroke.
	 *
	 * @param anchor the other end of the selection
	 */
	setCursor(cursor: number, anchor = cursor): void {
		this.#presence.setCursor(cursor, anchor);
	}

	/** The server finds out by itself who has fallen silent. */
	setStatus(status: Status): void {
		this.#presence.setStatus(status);
	}

	/** @returns a function that takes the listener off again */
	on<Name extends keyof DocEvents>(
		name: Name,
		listener: (event: DocEvents[Name]) => void,
	): () => void {
		return this.#emitter.on(name, listener);
	}

	/** Position in code points. */
	insert(position: number, text: string): void {
		this.#editText([position, cleanText(text)]);
	}

	/** Position and length in code points. */
	delete(position: number, length: number): void {
		this.#editText([position, { d: length }]);
	}

	/** Makes the text this one by a small edit, so that others keep their place. */
	replaceAll(text: string): void {
		this.#editText(textDiff(this.text, cleanText(text)));
	}

	/**
	 * Shown at once, sent as soon as possible.
	 *
	 * @throws CollabError `OPERATION_INVALID` when the op is malformed or does not fit the text
	 * @throws SdkError `FORBIDDEN` without the mode edit, `CLOSED` after the end
	 */
	edit(op: DocumentOp, source?: unknown): void {
		if (this.#sync.life.state === "over")
			throw new SdkError("CLOSED", "The document is closed");
		if (this.mode !== "edit")
			throw new SdkError("FORBIDDEN", "The document is open for reading only");
		const checked = checkDocumentOp(op.t, op.m, ANY_SIZE);
		const step = this.#sync.queue.edit(checked);
		this.#changed({ op: checked, origin: "local", source });
		this.#sync.play(step, "local");
	}

	/** Resolves when everything edited so far is on the server's disk; rejects when some of it never will be. */
	whenSaved(): Promise<void> {
		return this.#saves.whenSaved();
	}

	/** Leaves the document; what is unsent is given up (`whenSaved` first). */
	close(): void {
		if (this.#sync.life.state === "over") return;
		this.#host.request("document:leave", { prdId: this.id }, () => {});
		this.end(new SdkError("CLOSED", "The document was closed"));
	}

	/** @internal the client has a session */
	connected(): void {
		this.#sync.connected();
	}

	/** @internal the client lost its session */
	disconnected(): void {
		this.#sync.disconnected();
	}

	/** @internal nothing more comes, for this reason */
	end(error: SdkError): void {
		this.#sync.end(error);
	}

	/** @internal a message about this document */
	hear(type: string, data: unknown): void {
		if (this.#sync.life.state === "over") return;
		if (type === "operation:applied") this.#sync.applied(data as AppliedEvent);
		else if (type === "document:reset") this.#sync.reset(data as SnapshotEvent);
		else if (type === "document:deleted")
			this.end(new SdkError("NOT_FOUND", "The document was deleted"));
		else if (type === "document:renamed") this.#setTitle(data as Renamed);
		else if (type === "permission:changed") this.#permit(data);
		else this.#hearPresence(type, data);
	}

	#hearPresence(type: string, data: unknown): void {
		const news = this.#presence.hear(type, data);
		if (news === "people") this.#emitter.emit("peers", this.peers);
		if (news !== "nothing") this.#emitter.emit("places", this.peers);
	}

	#editText(parts: TextOp): void {
		const t = canonical(parts);
		if (t.length > 0) this.edit({ t, m: [] });
	}

	#joined(event: JoinedEvent): void {
		if (event.title !== undefined) this.#setTitle({ title: event.title });
		this.#presence.joined(event.activeSessions ?? []);
		this.#opened.resolve(this);
		this.#emitter.emit("peers", this.peers);
		this.#emitter.emit("places", this.peers);
		this.#emitter.emit("mode", this.mode);
	}

	#setTitle({ title, userId }: Renamed): void {
		if (title === this.#title) return;
		this.#title = title;
		this.#emitter.emit("renamed", { title, ...(userId && { userId }) });
	}

	#ended(error: SdkError): void {
		this.#presence.close();
		this.#host.closed(this.id);
		this.#opened.reject(error);
		this.#emitter.emit("closed", error);
	}

	#permit(data: unknown): void {
		const { mode, reason } = data as {
			readonly mode: Mode | null;
			readonly reason?: string;
		};
		if (mode === null) {
			this.end(new SdkError("FORBIDDEN", reason ?? "Access was ended"));
			return;
		}
		this.#sync.permit(mode, reason ?? "The role was changed");
		this.#emitter.emit("mode", mode);
	}

	/** Everybody's place moves with the text. */
	#changed(change: Change): void {
		this.#presence.changed(change.op.t, change.origin);
		this.#emitter.emit("change", change);
	}

	#moved(): void {
		if (this.#presence.moved()) this.#emitter.emit("places", this.peers);
		this.#report();
	}

	#tellSaves(report: SaveReport): void {
		this.#emitter.emit("state", report);
		if (report.saveState === "saved")
			this.#emitter.emit("saved", { revision: this.revision });
	}

	#report(): void {
		const { queue, life } = this.#sync;
		this.#saves.update(
			queue.unsent,
			life.state === "live",
			life.state === "over" ? life.error : undefined,
		);
	}
}
