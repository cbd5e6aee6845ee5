import { Code, ConnectError } from "@connectrpc/connect";
import { refuseCall } from "./grpc/writeAnswer.js";
import type { Handler } from "./handler.js";
import { writeRestError } from "./rest/restError.js";

/** `handler`, without requests that say twice who calls, or whom: a proxy in front may have judged the other one. */
export const refuseRepeated =
  (handler: Handler): Handler =>
  (request, response) => {
    const name = repeatedIn(request.rawHeaders);
    if (name === null) return handler(request, response);
    const message = `there is more than one ${name} header`;
    const { "content-type": type = "" } = request.headers;
    if (type.startsWith("application/grpc")) {
      return refuseCall(response, type, new ConnectError(message, Code.InvalidArgument));
    }
    writeRestError(response, { status: 400, errorCode: "VALIDATION", message });
  };

/** Names and values take turns in `rawHeaders`. */
function repeatedIn(rawHeaders: readonly string[]): string | null {
  let callers = 0;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === 13 && name.toLowerCase() === "authorization") callers += 1;
    else if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  if (callers > 1) return "Authorization";
  return hosts > 1 ? "Host" : null;
}
