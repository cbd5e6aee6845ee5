/** What `grpc-message` does not say in plain: all but printable ASCII, and the sign of the escape itself. */
const ESCAPED = /[^\x20-\x24\x26-\x7e]+/g;

/** `message` as gRPC writes it (gRPC over HTTP/2, Percent-Encoded). Half a surrogate pair becomes U+FFFD. */
export const percentEncode = (message: string): string =>
  message.replace(ESCAPED, (text) =>
    Buffer.from(text).reduce((sum, byte) => `${sum}%${hex(byte)}`, ""),
  );

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");
