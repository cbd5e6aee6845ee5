import type { Logger } from "pino";
import type { Handler, HttpRequest } from "../handler.js";
import { type RestError, writeRestError } from "../rest/restError.js";

/** `handler`, such that nothing it throws, and no broken connection, ends the process. */
export const guard =
  (handler: Handler, logger: Logger): Handler =>
  (req, res) => {
    req.on("error", ignore);
    res.on("error", ignore);
    try {
      handler(req, res);
    } catch (error) {
      if (isAddressable(req)) logger.error({ err: error }, "request handler threw");
      if (res.headersSent) res.destroy();
      else writeRestError(res, isAddressable(req) ? INTERNAL : UNADDRESSABLE);
    }
  };

const INTERNAL: RestError = { status: 500, errorCode: "INTERNAL", message: "internal error" };
const UNADDRESSABLE: RestError = {
  status: 400,
  errorCode: "VALIDATION",
  message: "malformed host or path",
};

/** Whoever reads or writes learns of an error from its own call; without a listener it would be thrown at the process. */
function ignore(): void {}

/** False for a Host or path that make no URL: handlers throw at the sight of them. */
function isAddressable(req: HttpRequest): boolean {
  const authority = req.headers[":authority"] ?? req.headers.host;
  return authority !== undefined && URL.canParse(req.url ?? "", `http://${authority}`);
}
