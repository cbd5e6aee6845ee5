import { randomBytes } from "node:crypto";
import { type Answer, type Asked, type Provider, startProvider } from "./modulrProvider.js";

export const LOGIN_ID = "login@example.com";
export const API_KEY = "key of currencycloud & more";

export interface CloudTransaction {
  readonly id: string;
  readonly currency: string;
  readonly amount: string;
  readonly type: string;
  readonly status: string;
  readonly action: string;
}

export interface FakeCurrencyCloud extends Provider {
  /** Oldest first. */
  readonly transactions: CloudTransaction[];
  /** Of each login whether it let somebody in. */
  readonly logins: boolean[];
  /** What it found wrong with requests. */
  readonly complaints: readonly string[];
  /** All tokens die. */
  expire(): void;
}

const IN_A_PAGE = 25;

export async function startCurrencyCloud(): Promise<FakeCurrencyCloud> {
  const transactions: CloudTransaction[] = [];
  const logins: boolean[] = [];
  const complaints: string[] = [];
  const tokens = new Set<string>();

  function logIn({ body, headers }: Asked): Answer {
    const form = new URLSearchParams(body);
    if (headers["content-type"] !== "application/x-www-form-urlencoded")
      complaints.push("a login that is no form");
    const isIn = form.get("login_id") === LOGIN_ID && form.get("api_key") === API_KEY;
    logins.push(isIn);
    if (!isIn) return { status: 401, body: { error_code: "auth_failed" } };
    const token = randomBytes(16).toString("hex");
    tokens.add(token);
    return { body: { auth_token: token } };
  }

  function find({ query, headers }: Asked): Answer {
    if (!tokens.has(String(headers["x-auth-token"])))
      return { status: 401, body: { error_code: "auth_failed" } };
    const page = Number(query.get("page"));
    if (!(page >= 1)) {
      complaints.push(`page ${query.get("page")}`);
      return { status: 400, body: { error_code: "page_is_too_small" } };
    }
    const order = [query.get("order"), query.get("order_asc_desc")].join(" ");
    if (order !== "created_at asc") complaints.push(`the order ${order}`);
    const pages = Math.max(1, Math.ceil(transactions.length / IN_A_PAGE));
    const pagination = {
      ...{ total_entries: transactions.length, total_pages: pages, current_page: page },
      ...{ per_page: IN_A_PAGE, previous_page: page > 1 ? page - 1 : -1 },
      next_page: page < pages ? page + 1 : -1,
    };
    const found = transactions.slice((page - 1) * IN_A_PAGE, page * IN_A_PAGE);
    return { body: { transactions: found, pagination } };
  }

  const provider = await startProvider((asked) => {
    if (asked.headers["accept"] !== "application/json") complaints.push("another Accept");
    const route = `${asked.method} ${asked.path}`;
    if (route === "POST /v2/authenticate/api") return logIn(asked);
    if (route === "GET /v2/transactions/find") return find(asked);
    complaints.push(route);
    return { status: 404, body: {} };
  });
  return { ...provider, transactions, logins, complaints, expire: () => tokens.clear() };
}
