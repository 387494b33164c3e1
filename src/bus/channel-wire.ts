import { hash } from "node:crypto";
import type { ChannelMessage } from "../shared/ports/channel-bus.ts";

/** UTF-8 bytes of a message; above that its head travels alone. */
export const MESSAGE_BYTES = 524_288;

/** Names that every server takes as they are: no wildcard, no white space, no empty part. */
const PLAIN = /^[A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*$/;
const PLAIN_CHARS = 200;

/** Where a server has the channel; two channels never share one, whatever is in their names. */
export function addressOf(prefix: string, channel: string): string {
	if (channel.length <= PLAIN_CHARS && PLAIN.test(channel))
		return `${prefix}.${channel}`;
	// As UTF-16, in which lone surrogates differ too; `#` is in no plain name.
	const units = Buffer.from(channel, "utf16le");
	return `${prefix}.#${hash("sha256", units, "base64url")}`;
}

/**
 * The head's JSON, and after a line feed (JSON text on one line has none) the body as it is.
 * @returns undefined when not even the head fits into `limitBytes`
 */
export function encodeMessage(
	{ head, body }: ChannelMessage,
	limitBytes: number,
): Buffer | undefined {
	const json = JSON.stringify(head);
	if (body !== undefined) {
		const whole = Buffer.from(`${json}\n${body}`);
		if (whole.length <= limitBytes) return whole;
	}
	const alone = Buffer.from(json);
	return alone.length <= limitBytes ? alone : undefined;
}

/** @throws SyntaxError for bytes that no bus of ours has sent */
export function decodeMessage(data: Uint8Array): ChannelMessage {
	const text = Buffer.from(
		data.buffer,
		data.byteOffset,
		data.byteLength,
	).toString();
	const end = text.indexOf("\n");
	if (end < 0) return { head: JSON.parse(text) };
	return { head: JSON.parse(text.slice(0, end)), body: text.slice(end + 1) };
}
