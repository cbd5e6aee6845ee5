import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-node";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { fromProtoFile, grpcJsClient } from "./grpcJsClient.js";

/** A posting with its amount as text, in minor units. */
interface PlainPosting {
  readonly source: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: string;
}

/** A transaction as every wire can show it. */
interface PlainTransaction {
  readonly txid: string;
  readonly reference: string;
  readonly postings: PlainPosting[];
}

/** One way to talk to a ledger named "main". Amounts are text here, whatever the wire makes of them. */
interface Wire {
  create(reference: string, postings: PlainPosting[]): Promise<PlainTransaction>;
  list(): Promise<PlainTransaction[]>;
  balances(address: string): Promise<Record<string, string>>;
}

interface Server {
  readonly url: string;
  readonly token: string;
}

type Loose = {
  readonly txid?: string | bigint;
  readonly reference?: string;
  readonly postings?: readonly PlainPosting[];
};
interface Answers {
  create: { data: Loose[] };
  list: { cursor: { data: Loose[] } };
  account: { data: { balances: Record<string, string> } };
}

const ledger = "main";

/** REST over HTTP/1.1, with integers in JSON. */
export function rest({ url, token }: Server): Wire {
  const request = async <T>(path: string, body?: string): Promise<T> => {
    const response = await fetch(`${url}/api/ledger/${ledger}/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body }),
    });
    // JSON.parse would round, so integers are put in quotes first; here no text contains `:digits`.
    return JSON.parse((await response.text()).replace(/:(-?\d+)(?=[,}])/g, ':"$1"'));
  };
  return {
    async create(reference, postings) {
      const body = JSON.stringify({ reference, postings });
      const bare = body.replace(/"amount":"(\d+)"/g, '"amount":$1');
      return firstOf((await request<Answers["create"]>("transactions", bare)).data);
    },
    list: async () => (await request<Answers["list"]>("transactions")).cursor.data.map(toPlain),
    balances: async (address) =>
      (await request<Answers["account"]>(`accounts/${address}`)).data.balances,
  };
}

/** gRPC over h2c by grpc-js, from the proto files. */
export function grpc(server: Server): Wire {
  const definition = fromProtoFile("florin/ledger/v1/ledger.proto");
  const { call } = grpcJsClient(definition, "florin.ledger.v1.LedgerService", server);
  return overCall(call);
}

/** The Connect protocol with JSON, by plain fetch. */
export function connectJson({ url, token }: Server): Wire {
  return overCall(async <T>(method: string, body: object): Promise<T> => {
    const response = await fetch(`${url}/florin.ledger.v1.LedgerService/${method}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json() as Promise<T>;
  });
}

/** gRPC-Web over HTTP/1.1. */
export function grpcWeb({ url, token }: Server): Wire {
  const transport = createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" });
  const client = createClient(LedgerService, transport);
  const options = { headers: { Authorization: `Bearer ${token}` } };
  return {
    async create(reference, postings) {
      const transaction = { reference, postings };
      return firstOf((await client.createTransaction({ ledger, transaction }, options)).data);
    },
    list: async () =>
      ((await client.listTransactions({ ledger }, options)).cursor?.data ?? []).map(toPlain),
    balances: async (address) =>
      (await client.getAccount({ ledger, address }, options)).data?.balances ?? {},
  };
}

function overCall(call: <T>(method: string, request: object) => Promise<T>): Wire {
  return {
    async create(reference, postings) {
      const request = { ledger, transaction: { reference, postings } };
      return firstOf((await call<Answers["create"]>("CreateTransaction", request)).data);
    },
    list: async () =>
      (await call<Answers["list"]>("ListTransactions", { ledger })).cursor.data.map(toPlain),
    balances: async (address) =>
      (await call<Answers["account"]>("GetAccount", { ledger, address })).data.balances,
  };
}

function firstOf(transactions: readonly Loose[]): PlainTransaction {
  const [transaction] = transactions;
  if (transaction === undefined) throw new Error("no transaction in the answer");
  return toPlain(transaction);
}

/** Proto JSON leaves zero values out: the first transaction has no txid there. */
const toPlain = ({ txid = "0", reference = "", postings = [] }: Loose): PlainTransaction => ({
  txid: String(txid),
  reference,
  postings: postings.map(({ source, destination, asset, amount }) => ({
    source,
    destination,
    asset,
    amount,
  })),
});
