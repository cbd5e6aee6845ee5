import { Code, ConnectError } from "@connectrpc/connect";
import { refuseCall } from "./grpc/writeAnswer.js";
import type { Handler } from "./handler.js";
import { writeRestError } from "./rest/restError.js";

/** `handler`, without requests that say twice who calls: a proxy in front may have judged the other one. */
export const refuseTwoCallers =
  (handler: Handler): Handler =>
  (request, response) => {
    if (callersIn(request.rawHeaders) <= 1) return handler(request, response);
    const message = "there is more than one Authorization header";
    const { "content-type": type = "" } = request.headers;
    if (type.startsWith("application/grpc")) {
      return refuseCall(response, type, new ConnectError(message, Code.InvalidArgument));
    }
    writeRestError(response, { status: 400, errorCode: "VALIDATION", message });
  };

/** Names and values take turns in `rawHeaders`. */
function callersIn(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === 13 && name.toLowerCase() === "authorization") count += 1;
  }
  return count;
}
