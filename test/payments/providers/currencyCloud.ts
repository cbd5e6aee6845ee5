import { expect } from "vitest";
import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";

export interface Transaction {
  readonly id: string;
  readonly currency: string;
  readonly amount: string;
  readonly type: string;
  status: string;
  readonly action: string;
}

export interface CurrencyCloud extends Provider {
  /** Oldest first. */
  readonly transactions: Transaction[];
  /** What it takes now. */
  apiKey: string;
  /** All tokens die. */
  expire(): void;
}

export const loginID = "login@example.com";

const IN_A_PAGE = 25;

/** Currencycloud as it answers one login. */
export async function startCurrencyCloud(): Promise<CurrencyCloud> {
  const transactions: Transaction[] = [];
  const tokens = new Set<string>();
  let logins = 0;

  function answer(seen: Seen): Reply {
    expect(seen.headers.accept).toBe("application/json");
    if (seen.path === "/v2/authenticate/api") return logIn(seen);
    expect([seen.method, seen.path]).toEqual(["GET", "/v2/transactions/find"]);
    if (!tokens.has(String(seen.headers["x-auth-token"])))
      return { status: 401, json: { error_code: "auth_failed" } };
    return pageOf(transactions, seen.query);
  }

  function logIn({ method, headers, body }: Seen): Reply {
    expect([method, headers["content-type"]]).toEqual([
      ...["POST", "application/x-www-form-urlencoded"],
    ]);
    const { login_id, api_key } = Object.fromEntries(new URLSearchParams(body));
    if (login_id !== loginID || api_key !== provider.apiKey)
      return { status: 401, json: { error_code: "auth_failed" }, isLogin: true };
    const auth_token = `token-${++logins}`;
    tokens.add(auth_token);
    return { json: { auth_token }, isLogin: true };
  }

  const provider: CurrencyCloud = {
    ...(await startProvider(answer)),
    ...{ transactions, apiKey: "key of currencycloud & more", expire: () => tokens.clear() },
  };
  return provider;
}

/** From page 1 on. */
function pageOf(list: readonly object[], query: URLSearchParams): Reply {
  const page = Number(query.get("page"));
  expect(page).toBeGreaterThan(0);
  expect([query.get("order"), query.get("order_asc_desc")]).toEqual(["created_at", "asc"]);
  const pages = Math.max(1, Math.ceil(list.length / IN_A_PAGE));
  const pagination = {
    ...{ total_entries: list.length, total_pages: pages, current_page: page },
    ...{ per_page: IN_A_PAGE, previous_page: page > 1 ? page - 1 : -1 },
    next_page: page < pages ? page + 1 : -1,
  };
  const transactions = list.slice((page - 1) * IN_A_PAGE, page * IN_A_PAGE);
  return { json: { transactions, pagination } };
}
