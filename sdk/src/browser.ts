import { createConnectTransport } from "@connectrpc/connect-web";
import { type Florin, type FlorinOptions, florinOver } from "./florin.js";

export { Code } from "@connectrpc/connect";
export type { Florin, FlorinOptions } from "./florin.js";
export { FlorinError } from "./florinError.js";

/** Clients for the services of one Florin server, over fetch. */
export function createFlorin(options: FlorinOptions): Florin {
  if (options.transport === "grpc") {
    throw new TypeError("browsers cannot speak gRPC: leave `transport` out");
  }
  return florinOver(createConnectTransport, options);
}
