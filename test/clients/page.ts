/** What the test's web page runs. Each function creates a transaction over one wire, and reads it back. */
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { createFlorin } from "../../sdk/src/browser.js";

/** Where the page finds the server, and as whom. */
export interface Visit {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly amount: string;
}

/** The functions, as the test finds them in the page. */
export type Page = Record<
  "sdk" | "watch" | "connect" | "grpcWeb" | "rest",
  (visit: Visit) => Promise<unknown>
>;

/** The test's: breaks the page's connections. */
declare function cut(): Promise<void>;

type Ledger = Pick<Client<typeof LedgerService>, "createTransaction" | "getTransaction">;

const ledger = "main";
const postingOf = (amount: string) => ({
  source: "world",
  destination: "users:1",
  asset: "EUR/2",
  amount,
});

const page: Page = {
  async sdk(visit) {
    const token = await login(visit);
    const florin = createFlorin({ baseUrl: visit.baseUrl, getToken: () => token });
    return createAndRead(florin.ledger, visit.amount);
  },
  /** Ids of three logs; after each, connections are cut and another is written. */
  async watch(visit) {
    const token = await login(visit);
    const florin = createFlorin({ baseUrl: visit.baseUrl, getToken: () => token });
    const ids: string[] = [];
    for await (const { log } of florin.ledger.watchLogs({ ledger: "watched" })) {
      ids.push(String(log?.id));
      if (ids.length === 3) break;
      await cut();
      const transaction = { postings: [postingOf(visit.amount)] };
      await florin.ledger.createTransaction({ ledger: "watched", transaction });
    }
    return ids;
  },

  connect: (visit) => overTransport(createConnectTransport, visit),
  grpcWeb: (visit) => overTransport(createGrpcWebTransport, visit),

  /** Also tells which of the headers that need CORS's leave the page may see. */
  async rest(visit) {
    const url = `${visit.baseUrl}/api/ledger/${ledger}/transactions`;
    const headers = {
      Authorization: `Bearer ${await login(visit)}`,
      "Content-Type": "application/json",
      "Idempotency-Key": "from a page",
    };
    const body = JSON.stringify({ postings: [postingOf(visit.amount)] }).replace(
      /"amount":"(\d+)"/,
      '"amount":$1',
    );
    await fetch(url, { method: "POST", headers, body });
    const again = await fetch(url, { method: "POST", headers, body });
    const text = await again.text();
    const counted = await fetch(url, { method: "HEAD", headers });
    return {
      amount: /"amount":(\d+)/.exec(text)?.[1],
      hit: again.headers.get("Idempotency-Hit"),
      count: counted.headers.get("Count"),
    };
  },
};

Object.assign(globalThis, { page });

async function overTransport(
  create: (options: { baseUrl: string }) => Transport,
  visit: Visit,
): Promise<string | undefined> {
  const client = createClient(LedgerService, create(visit));
  const headers = { Authorization: `Bearer ${await login(visit)}` };
  const authorized: Ledger = {
    createTransaction: (request) => client.createTransaction(request, { headers }),
    getTransaction: (request) => client.getTransaction(request, { headers }),
  };
  return createAndRead(authorized, visit.amount);
}

async function createAndRead(client: Ledger, amount: string): Promise<string | undefined> {
  const transaction = { postings: [postingOf(amount)] };
  const made = await client.createTransaction({ ledger, transaction });
  const read = await client.getTransaction({ ledger, txid: made.data[0]?.txid ?? -1n });
  return read.data?.postings[0]?.amount;
}

async function login({ baseUrl, clientId, clientSecret }: Visit): Promise<string> {
  const response = await fetch(`${baseUrl}/api/auth/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
