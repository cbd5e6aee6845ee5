import { createConnectTransport } from "@connectrpc/connect-web";
import { type Florin, type FlorinOptions, florinOver } from "./florin.js";
import { oneWay } from "./oneWay.js";

export * from "./exports.js";

/**
 * Clients for the services of one Florin server, over fetch. Nothing is sent before the first call. Every call fails with
 * `FlorinError`, if it fails.
 *
 * @example
 * const florin = createFlorin({ baseUrl: "https://money.example.com", getToken });
 * const { data } = await florin.ledger.getAccount({ ledger: "main", address: "users:1" });
 *
 * @throws TypeError if an option is missing or makes no sense.
 */
export function createFlorin(options: FlorinOptions): Florin {
  if (options.transport === "grpc") {
    throw new TypeError("browsers cannot speak gRPC: leave `transport` out");
  }
  return florinOver((basics) => oneWay(createConnectTransport(basics)), options);
}
