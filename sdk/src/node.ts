import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { type Florin, type FlorinOptions, florinOver } from "./florin.js";

export * from "./exports.js";

/** Clients for the services of one Florin server. An idle connection does not keep the process alive. */
export function createFlorin(options: FlorinOptions): Florin {
  return options.transport === "connect"
    ? florinOver((basics) => createConnectTransport({ ...basics, httpVersion: "1.1" }), options)
    : florinOver(createGrpcTransport, options);
}
