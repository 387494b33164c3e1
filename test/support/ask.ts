import { once } from "node:events";
import {
	type IncomingHttpHeaders,
	type IncomingMessage,
	request,
} from "node:http";

export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** One HTTP request, sent as it is written here: no path is tidied, no header is forbidden. */
export async function ask(
	port: number,
	path: string,
	{
		method = "GET",
		headers = {},
		body,
		host = "127.0.0.1",
	}: {
		readonly method?: string;
		readonly headers?: Readonly<Record<string, string>>;
		readonly body?: string | Buffer;
		readonly host?: string;
	} = {},
): Promise<Answer> {
	const asking = request({ host, port, path, method, headers, agent: false });
	asking.end(body);
	const [answer] = (await once(asking, "response")) as [IncomingMessage];
	const chunks = (await answer.toArray()) as Buffer[];
	return {
		status: answer.statusCode ?? 0,
		headers: answer.headers,
		body: Buffer.concat(chunks).toString(),
	};
}
