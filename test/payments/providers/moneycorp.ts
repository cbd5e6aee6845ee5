import { expect } from "vitest";
import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";

export interface Transaction {
  readonly id: string;
  readonly type: "transactions";
  attributes: {
    readonly accountId: string;
    readonly createdAt: string;
    readonly transactionCurrency: string;
    readonly transactionAmount: number;
    readonly transactionDirection: string;
    readonly transactionType: string;
  };
}

export interface Moneycorp extends Provider {
  readonly accounts: string[];
  readonly transactions: Transaction[];
  /** What it takes now. */
  apiKey: string;
}

/** Moneycorp as it answers the client "client-1". */
export async function startMoneycorp(): Promise<Moneycorp> {
  const accounts: string[] = [];
  const transactions: Transaction[] = [];
  const tokens = new Set<string>();

  function answer(seen: Seen): Reply {
    if (seen.path === "/login") return logIn(seen);
    const token = /^Bearer (.+)$/.exec(seen.headers.authorization ?? "")?.[1] ?? "";
    if (!tokens.has(token)) return { status: 401, json: { errors: [{ status: "401" }] } };
    return { json: { data: pageOf(listOf(seen), seen.query) } };
  }

  function listOf({ method, path, query, headers, body }: Seen): readonly object[] {
    if (path === "/accounts") {
      expect(method).toBe("GET");
      return accounts.map((id) => ({ id }));
    }
    const [, account] = /^\/accounts\/(\w+)\/transactions\/find$/.exec(path) ?? [];
    expect(accounts).toContain(account);
    expect([method, headers["content-type"], body]).toEqual(["POST", "application/json", ""]);
    expect(query.get("sortBy")).toBe("createdAt.asc");
    return transactions.filter(({ attributes }) => attributes.accountId === account);
  }

  function logIn({ method, headers, body }: Seen): Reply {
    expect([method, headers["content-type"]]).toEqual(["POST", "application/json"]);
    const { loginId, apiKey } = JSON.parse(body);
    if (loginId !== "client-1" || apiKey !== provider.apiKey)
      return { status: 401, json: { errors: [{ status: "401" }] }, isLogin: true };
    const accessToken = `token-${tokens.size + 1}`;
    tokens.add(accessToken);
    return { json: { data: { accessToken, expiresIn: 3600 } }, isLogin: true };
  }

  const provider: Moneycorp = {
    ...(await startProvider(answer)),
    ...{ accounts, transactions, apiKey: "key-of-client-1" },
  };
  return provider;
}

const MOST_IN_A_PAGE = 50;

/** From page 0 on, no larger than it likes; without the names that it knows, its first page of ten. */
function pageOf(list: readonly object[], query: URLSearchParams): readonly object[] {
  const asked = Number(query.get("page[size]") ?? query.get("pagesize") ?? 10);
  const page = Number(query.get("page[number]") ?? query.get("pagenumber") ?? 0);
  expect(asked).toBeLessThanOrEqual(100);
  const size = Math.min(asked, MOST_IN_A_PAGE);
  return list.slice(page * size, (page + 1) * size);
}
