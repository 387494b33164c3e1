import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { decode, encode } from "dns-packet";

/** A name server that knows a few names: what Docker's own does for the services of a compose file. */
export class DnsStub {
	readonly #socket: Socket;
	readonly #addressesOf: (name: string) => readonly string[];

	private constructor(
		socket: Socket,
		addressesOf: (name: string) => readonly string[],
	) {
		this.#socket = socket;
		this.#addressesOf = addressesOf;
	}

	/** @param addressesOf asked for every query: the addresses that live under the name now */
	static async open(
		addressesOf: (name: string) => readonly string[],
	): Promise<DnsStub> {
		const socket = createSocket("udp4");
		const stub = new DnsStub(socket, addressesOf);
		socket.on("message", (query, { port, address }) =>
			socket.send(stub.#answer(query), port, address),
		);
		socket.bind(0, "127.0.0.1");
		await once(socket, "listening");
		return stub;
	}

	get port(): number {
		return this.#socket.address().port;
	}

	close(): void {
		this.#socket.close();
	}

	#answer(query: Buffer): Buffer {
		const { id, questions = [] } = decode(query);
		const [question] = questions;
		const addresses =
			question?.type === "A" ? this.#addressesOf(question.name) : [];
		return encode({
			type: "response",
			...(id === undefined ? {} : { id }),
			questions,
			answers: addresses.map((data) => ({
				type: "A",
				name: question?.name ?? "",
				ttl: 0,
				data,
			})),
		});
	}
}
