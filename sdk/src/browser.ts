import { createConnectTransport } from "@connectrpc/connect-web";
import { type Florin, type FlorinOptions, florinOver } from "./florin.js";

export * from "./exports.js";

/** Clients for the services of one Florin server, over fetch. */
export function createFlorin(options: FlorinOptions): Florin {
  if (options.transport === "grpc") {
    throw new TypeError("browsers cannot speak gRPC: leave `transport` out");
  }
  return florinOver(createConnectTransport, options);
}
