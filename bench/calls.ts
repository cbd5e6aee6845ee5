import { httpRequest } from "./httpRequest.js";

/** What clients ask for over REST. */
export type Calls = "batch" | "hot batch" | "single" | "hot single" | "script" | "mixed" | "reads";

export interface Asked {
  /** Whole HTTP/1.1 request, for the n-th call. */
  readonly request: (n: number) => string;
  /** How much one call counts: its transactions, or one if it is a read. */
  readonly weight: number;
}

export const ACCOUNTS = 10_000;
export const BATCH = 100;

/** How many different requests are made before the clock runs. Numbers of accounts repeat after them. */
const DIFFERENT = 1000;

/** Requests that go to `ledgers` in turn, with nothing left to do for the n-th but to look it up. */
export function prepareCalls(calls: Calls, ledgers: readonly string[], token: string): Asked {
  const requests = Array.from({ length: DIFFERENT }, (_, n) => {
    const ledger = `/api/ledger/${ledgers[n % ledgers.length]}`;
    const [verb, path, body] = call(calls, n);
    return httpRequest({
      verb,
      path: ledger + path,
      token,
      ...(body && { body: JSON.stringify(body) }),
    });
  });
  return {
    request: (n) => requests[n % DIFFERENT] ?? "",
    weight: calls === "batch" || calls === "hot batch" ? BATCH : 1,
  };
}

type Call = readonly [verb: string, path: string, body?: object];

function call(calls: Calls, n: number): Call {
  switch (calls) {
    case "batch":
      return batch((index) => cold(n * BATCH + index));
    case "hot batch":
      return batch(() => "bench:hot");
    case "single":
      return single(cold(n * 7));
    case "hot single":
      return single("bench:hot");
    case "script":
      return ["POST", "/transactions", { script: { plain: SCRIPT, vars: { to: cold(n * 7) } } }];
    case "mixed":
      return mixed(n);
    case "reads":
      return read(n);
  }
}

const SCRIPT = `vars { account $to }
send [EUR/2 100] (source = @world destination = $to)`;

/** Four reads to a write. */
function mixed(n: number): Call {
  const account = cold(n * 7);
  switch (n % 5) {
    case 0:
      return single(account);
    case 1:
      return ["GET", `/transactions?account=${account}`];
    case 2:
      return ["GET", "/transactions"];
    default:
      return ["GET", `/accounts/${account}`];
  }
}

/** Of a ledger of a million transactions: its newest, any one, those of an account, accounts, balances, and logs deep below. */
function read(n: number): Call {
  const account = cold(n * 7);
  const paths = [
    "/transactions",
    `/transactions/${(n * 7919) % 1_000_000}`,
    `/transactions?account=${account}`,
    `/accounts/${account}`,
    `/balances?after=${account}`,
    `/logs?after=${(n * 7919) % 1_000_000}`,
  ];
  return ["GET", paths[n % paths.length] ?? ""];
}

const batch = (to: (index: number) => string): Call => [
  "POST",
  "/transactions/batch",
  { transactions: Array.from({ length: BATCH }, (_, index) => transaction(to(index))) },
];

const single = (to: string): Call => ["POST", "/transactions", transaction(to)];

const transaction = (destination: string) => ({
  postings: [{ source: "world", destination, asset: "EUR/2", amount: 100 }],
});

/** One of 10,000 accounts. */
export const cold = (n: number): string => `bench:cold:${n % ACCOUNTS}`;
