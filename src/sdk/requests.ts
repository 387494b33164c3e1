import { fromWire, SdkError } from "./errors.ts";
import type { AnswerData, RequestData, RequestName } from "./typed-events.ts";
import type { Request } from "./wire.ts";

/** Requests of the application, beside those of its documents. A lost connection leaves none of them open. */
export class Requests {
	readonly #send: Request;
	readonly #open = new Set<(error: SdkError) => void>();
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
}

/** Whether the server has done it is not known. */
const offline = (): SdkError =>
	new SdkError("UNAVAILABLE", "There is no connection", { retryable: true });
