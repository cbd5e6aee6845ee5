/** What an HTTP/2 client says first (RFC 9113, 3.4). One character a byte, here and below: send it as latin1. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const [DATA, HEADERS, SETTINGS, CONTINUATION] = [0, 1, 4, 9];
export const [ACK, END_STREAM, END_HEADERS] = [1, 1, 4];

/** An HTTP/2 frame (RFC 9113, 4.1). */
export function frame(type: number, flags: number, stream: number, payload = ""): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return head.toString("latin1") + payload;
}
