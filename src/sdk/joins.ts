import type { WireError } from "../protocol/errors.ts";
import { MODES, type Mode } from "../shared/roles.ts";
import type { Reply, Request } from "./wire.ts";

/** What a document asks for that wants in. */
export interface JoinAsk {
	readonly docId: string;
	/** To be tried in turn until one is allowed; only one of them: that or none. */
	readonly modes: readonly Mode[];
	/** Never joined so far: made when there is none. One that was deleted meanwhile must not come back empty. */
	readonly isNew: boolean;
	/** What the client has; undefined when only a snapshot helps. */
	readonly since: Place | undefined;
	/** False once nobody waits for the answer any more. */
	readonly isWanted: () => boolean;
}
interface Place {
	readonly rev: number;
	readonly epoch: string;
}
/** Settles with the data of a `JoinedEvent`. */
export type Join = (ask: JoinAsk, settle: (reply: Reply) => void) => void;

interface Asked {
	readonly ask: JoinAsk;
	readonly settle: (reply: Reply) => void;
}
/** A document in the answer to a recovery. */
interface Recovered {
	readonly prdId: string;
	readonly recovered: boolean;
	readonly missedOperations?: readonly unknown[];
	readonly snapshot?: object;
	readonly error?: WireError;
}

export interface JoinsHost {
	readonly clientId: string;
	readonly request: Request;
	/** Documents that one recovery may name. */
	documents(): number;
}

/** The ways into documents: each by itself, and after a reconnect all together. */
export class Joins {
	readonly #host: JoinsHost;
	/** Those that come back; undefined except while a new session begins. */
	#returning: Asked[] | undefined;
	/** Of the session before, which ends when its documents are taken over. */
	#sessionId: string | undefined;

	constructor(host: JoinsHost) {
		this.#host = host;
	}

	readonly join: Join = (ask, settle) => {
		if (this.#returning !== undefined && !ask.isNew)
			this.#returning.push({ ask, settle });
		else this.#joinOne(ask, settle, ask.modes);
	};

	/** A new session: what `askAll` asks for goes out in one request, as far as it is no first join. */
	connected(sessionId: string, askAll: () => void): void {
		const returning: Asked[] = [];
		this.#returning = returning;
		askAll();
		this.#returning = undefined;
		const earlier = this.#sessionId;
		this.#sessionId = sessionId;
		const most = this.#host.documents();
		for (let from = 0; from < returning.length; from += most)
			this.#recover(returning.slice(from, from + most), earlier);
	}

	#recover(all: readonly Asked[], sessionId: string | undefined): void {
		const asks = all.map(({ ask }) => ask);
		const by = <T>(find: (ask: JoinAsk) => T | undefined) =>
			Object.fromEntries(
				asks.flatMap((ask) => {
					const value = find(ask);
					return value === undefined ? [] : [[ask.docId, value]];
				}),
			);
		this.#host.request(
			"session:recover",
			{
				activeSessions: asks.map(({ docId }) => docId),
				lastRevisions: by(({ since }) => since?.rev),
				epochs: by(({ since }) => since?.epoch),
				// Without a mode the server gives the best one.
				modes: by(({ modes }) => (modes.length === 1 ? modes[0] : undefined)),
				formats: by(() => "native"),
				clientId: this.#host.clientId,
				...(sessionId === undefined ? {} : { sessionId }),
			},
			(reply) => {
				const entries = reply.ok ? entriesOf(reply.data) : undefined;
				for (const asked of all)
					if (entries === undefined) asked.settle(reply);
					else this.#settle(asked, entries.get(asked.ask.docId));
			},
		);
	}

	#settle({ ask, settle }: Asked, entry: Recovered | undefined): void {
		if (!ask.isWanted()) return;
		// What was too much for the common answer comes by itself.
		if (entry === undefined || entry.error?.code === "PAYLOAD_TOO_LARGE")
			this.#joinOne(ask, settle, ask.modes);
		else if (entry.error !== undefined)
			settle({ ok: false, error: entry.error });
		else settle({ ok: true, data: joinedOf(entry) });
	}

	#joinOne(
		ask: JoinAsk,
		settle: (reply: Reply) => void,
		[mode, ...weaker]: readonly Mode[],
	): void {
		const { docId, isNew, since } = ask;
		this.#host.request(
			"document:join",
			{
				prdId: docId,
				mode,
				clientId: this.#host.clientId,
				format: "native",
				create: isNew,
				...(since && {
					lastKnownRevision: since.rev,
					lastEpoch: since.epoch,
				}),
			},
			(reply) => {
				const isForbidden = !reply.ok && reply.error.code === "FORBIDDEN";
				if (!isForbidden || weaker.length === 0) settle(reply);
				else if (ask.isWanted()) this.#joinOne(ask, settle, weaker);
			},
		);
	}
}

/** Best first. */
export const modesUpTo = (best: Mode): readonly Mode[] =>
	MODES.slice(0, MODES.indexOf(best) + 1).toReversed();

function entriesOf(data: unknown): ReadonlyMap<string, Recovered> {
	const { sessions } = data as { readonly sessions: readonly Recovered[] };
	return new Map(sessions.map((entry) => [entry.prdId, entry]));
}

/** In the form of `document:joined`: missed operations, or else the whole text. */
function joinedOf({ missedOperations, snapshot, ...entry }: Recovered): object {
	return entry.recovered
		? { ...entry, missedOperations }
		: { ...entry, ...snapshot };
}
