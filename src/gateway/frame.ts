const FIN_TEXT = 0x81;

/** A whole WebSocket text frame (unmasked, header and payload in one buffer); shared by its receivers, never changed. */
export function textFrame(text: string): Buffer {
	const size = Buffer.byteLength(text, "utf8");
	const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
	const frame = Buffer.allocUnsafeSlow(head + size);
	frame[0] = FIN_TEXT;
	if (head === 2) frame[1] = size;
	else if (head === 4) {
		frame[1] = 126;
		frame.writeUInt16BE(size, 2);
	} else {
		frame[1] = 127;
		frame.writeBigUInt64BE(BigInt(size), 2);
	}
	frame.write(text, head, "utf8");
	return frame;
}
