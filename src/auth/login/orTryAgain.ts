import { TemporarilyUnavailable } from "oidc-provider/lib/helpers/errors.js";
import type { Logger } from "pino";
import { isUnavailable } from "../../server/interceptors/isUnavailable.js";
import type { Endpoint } from "../oidc/handler.js";
import { writePage } from "../oidc/page.js";

/** `serve`, which tells a person on a page when the database cannot be reached. */
export const orTryAgain =
  (logger: Logger, serve: Endpoint): Endpoint =>
  async (call) => {
    try {
      await serve(call);
    } catch (error) {
      // What oidc-provider's records throw is logged already.
      if (isUnavailable(error)) logger.error({ err: error }, "login cannot reach the database");
      else if (!(error instanceof TemporarilyUnavailable)) throw error;
      call.response.setHeader("Retry-After", "1");
      writePage(call.response, 503, {
        title: "Please try again",
        text: "The login cannot be completed at the moment. Go back to the application and log in again.",
      });
    }
  };
