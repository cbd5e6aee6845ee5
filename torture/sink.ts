import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Delivery } from "./history.js";
import type { Random } from "./random.js";
import { printTransactions } from "./shown.js";

/** How a receiver fails. */
export type SinkFailure = "refuse" | "hang" | "cut";

/** A real HTTP server that takes events, and now and then does not. */
export interface Sink {
  readonly url: string;
  /** What it has taken, in the order of arrival. */
  readonly deliveries: readonly Delivery[];
  /** From now on it fails this way; null: it works. */
  fail(how: SinkFailure | null): void;
  close(): void;
}

/** Of so many events one is not taken, even when nothing else is wrong. */
const ONE_IN = 300;

interface Body {
  readonly payload: {
    readonly ledger: string;
    readonly transactions?: readonly { readonly txid: number }[];
  };
}

export async function startSink(random: Random): Promise<Sink> {
  const deliveries: Delivery[] = [];
  let failure: SinkFailure | null = null;
  const unanswered = new Set<ServerResponse>();

  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const how = failure ?? (random.chance(1 / ONE_IN) ? random.pick(FAILURES) : null);
    if (how !== null) return failWith(how, response);
    const { payload } = JSON.parse(body) as Body;
    deliveries.push({
      ledger: payload.ledger,
      messageId: String(request.headers["webhook-id"]),
      transactionIds: payload.transactions?.map(({ txid }) => String(txid)) ?? [],
      shown: printTransactions({ data: payload.transactions }),
      at: performance.now(),
    });
    response.end();
  });

  function failWith(how: SinkFailure, response: ServerResponse): void {
    if (how === "refuse") response.writeHead(500).end();
    else if (how === "cut") response.destroy();
    else unanswered.add(response);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/events`,
    deliveries,
    fail(how) {
      failure = how;
      // Those that hang are not told anything, only cut off.
      for (const response of unanswered) response.destroy();
      unanswered.clear();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const FAILURES = ["refuse", "hang", "cut"] as const;
