import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { type Florin, type FlorinOptions, florinOver, type TransportBasics } from "./florin.js";
import { oneWay } from "./oneWay.js";

export * from "./exports.js";

/** A connection that carries calls is asked for a sign of life, so that a stream does not wait for ever on a dead one. */
const KEEPALIVE = { pingIntervalMs: 30_000, pingTimeoutMs: 10_000 };

/**
 * Clients for the services of one Florin server. Nothing is sent before the first call; an idle connection does not keep the
 * process alive. Every call fails with `FlorinError`, if it fails.
 *
 * @example
 * const florin = createFlorin({ baseUrl: "https://money.example.com", clientId, clientSecret });
 * const { data } = await florin.ledger.getAccount({ ledger: "main", address: "users:1" });
 *
 * @throws TypeError if an option is missing or makes no sense.
 */
export function createFlorin(options: FlorinOptions): Florin {
  const openConnect = (basics: TransportBasics) =>
    oneWay(createConnectTransport({ ...basics, httpVersion: "1.1" }));
  const openGrpc = (basics: TransportBasics) => createGrpcTransport({ ...basics, ...KEEPALIVE });
  return florinOver(options.transport === "connect" ? openConnect : openGrpc, options);
}
