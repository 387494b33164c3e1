import { fromWire, SdkError } from "./errors.ts";
import type {
	AnswerData,
	EventData,
	EventName,
	RequestData,
	RequestName,
} from "./typed-events.ts";
import type { Request } from "./wire.ts";

/** Requests of the application, beside those of its documents. A lost connection leaves none of them open. */
export class Requests {
	readonly #send: Request;
	readonly #open = new Set<(error: SdkError) => void>();
	readonly #listeners = new Map<string, Set<(data: never) => void>>();
	#online = false;

	constructor(send: Request) {
		this.#send = send;
	}

	connected(): void {
		this.#online = true;
	}

	disconnected(): void {
		this.#online = false;
		const open = [...this.#open];
		this.#open.clear();
		for (const reject of open) reject(offline());
	}

	request<N extends RequestName>(
		name: N,
		data: RequestData<N>,
	): Promise<AnswerData> {
		return new Promise((resolve, reject) => {
			if (!this.#online) {
				reject(offline());
				return;
			}
			this.#open.add(reject);
			this.#send(name, data as object, (reply) => {
				this.#open.delete(reject);
				if (reply.ok) resolve(reply.data as AnswerData);
				else reject(fromWire(reply.error));
			});
		});
	}

	/** @returns a function that takes the listener off again */
	listen<N extends EventName>(
		name: N,
		listener: (data: EventData<N>) => void,
	): () => void {
		const known = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, known.add(listener));
		return () => known.delete(listener);
	}

	hear(name: string, data: unknown): void {
		for (const listener of [...(this.#listeners.get(name) ?? [])])
			try {
				(listener as (data: unknown) => void)(data);
			} catch (error) {
				// As in `Emitter`: a listener's fault is reported, and nobody else's.
				queueMicrotask(() => {
					throw error;
				});
			}
	}
}

/** Whether the server has done it is not known. */
const offline = (): SdkError =>
	new SdkError("UNAVAILABLE", "There is no connection", { retryable: true });
