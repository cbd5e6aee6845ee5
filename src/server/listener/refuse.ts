import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { printRestError } from "../rest/restError.js";

/** How long a refused client may go on sending before it is cut; cut at once, it would not see the answer. */
const LINGER_MS = 1_000;

/** Answers a request that is no HTTP, or is too large or too slow to be read, and closes its connection. */
export function refuse(socket: Socket, code: string | undefined): void {
  const [status, message] = reason(code);
  const body = printRestError({ status, errorCode: "VALIDATION", message });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "Content-Type: application/json; charset=utf-8",
      `Content-Length: ${body.length}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(cut));
}

function reason(code: string | undefined): [status: number, message: string] {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return [431, "the request's headers are too large"];
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [408, "the request took too long to arrive"];
    default:
      return [400, "the request is not valid HTTP"];
  }
}
