import { createHmac } from "node:crypto";
import { expect } from "vitest";
import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";

export interface Transaction {
  readonly id: string;
  readonly type: string;
  readonly amount: number | string;
  readonly account?: { readonly id: string; readonly currency: string };
}

interface Account {
  readonly id: string;
  readonly currency: string;
  /** Newest first; null: nothing is there, though it is listed. */
  readonly transactions: Transaction[] | null;
}

export interface Modulr extends Provider {
  readonly accounts: Account[];
}

export const [apiKey, apiSecret] = ["key-for-tests", "secret-for-tests"];

const ACCOUNTS_IN_A_PAGE = 2;
const TRANSACTIONS_IN_A_PAGE = 25;

const PATH = /^\/api-sandbox(-token)?\/accounts(?:\/([^/]+)(\/transactions)?)?$/;

/** Modulr: takes keys as they are below /api-sandbox-token, and signed requests below /api-sandbox. */
export async function startModulr(): Promise<Modulr> {
  const accounts: Account[] = [];
  const nonces = new Set<string>();

  function answer(seen: Seen): Reply {
    expect(seen.method).toBe("GET");
    const [, takesKeys, id, transactions] = PATH.exec(seen.path) ?? expect.fail(seen.path);
    if (!(takesKeys ? seen.headers.authorization === apiKey : isSigned(seen)))
      return { status: 401, json: [{ code: "GENERAL" }] };
    if (id === undefined) return pageOf(accounts.map(summaryOf), ACCOUNTS_IN_A_PAGE, seen);
    const account = accounts.find((it) => it.id === decodeURIComponent(id));
    if (!account?.transactions) return { status: 404, json: [] };
    return transactions
      ? pageOf(account.transactions, TRANSACTIONS_IN_A_PAGE, seen)
      : { json: summaryOf(account) };
  }

  /** Whether the signature is good. Whatever it signs must be. */
  function isSigned({ headers }: Seen): boolean {
    const { date = "", "x-mod-nonce": nonce } = headers;
    expect(nonces).not.toContain(nonce);
    nonces.add(String(nonce));
    expect(nonce).toMatch(/^[0-9a-f-]{36}$/);
    expect(date).toMatch(/ GMT$/);
    expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(60_000);
    expect(headers["x-mod-retry"]).toBe("false");
    const digest = createHmac("sha1", Buffer.from(apiSecret))
      .update(`date: ${date}\nx-mod-nonce: ${nonce}`)
      .digest("base64");
    const signature = digest.replaceAll("+", "%2B").replaceAll("/", "%2F").replaceAll("=", "%3D");
    const expected = `Signature keyId="${apiKey}",algorithm="hmac-sha1",headers="date x-mod-nonce",signature="${signature}"`;
    return headers.authorization === expected;
  }

  return { ...(await startProvider(answer)), accounts };
}

const summaryOf = ({ id, currency }: Account) => ({ id, currency, status: "ACTIVE" });

/** From page 0 on, no larger than `most`. */
function pageOf(list: readonly unknown[], most: number, { query }: Seen): Reply {
  const page = Number(query.get("page"));
  expect(query.get("page")).toMatch(/^\d+$/);
  expect(query.get("size")).toBe("500");
  const totalPages = Math.ceil(list.length / most);
  const content = list.slice(page * most, (page + 1) * most);
  return { json: { content, size: most, totalSize: list.length, page, totalPages } };
}
