import { expect } from "vitest";
import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";

export interface Transaction {
  readonly Id: string;
  readonly AuthorId: string;
  readonly CreditedUserId: string;
  readonly Type: string;
  Status: string;
  DebitedFunds: { Currency: string; Amount: number };
  readonly CreationDate: number;
}

export interface Mangopay extends Provider {
  readonly users: string[];
  readonly transactions: Transaction[];
  /** What it takes now. */
  apiKey: string;
}

const PATH = /^\/v2\.01\/client-1\/users(?:\/([^/]+)\/transactions)?$/;

/** Mangopay as it answers the client "client-1". */
export async function startMangopay(): Promise<Mangopay> {
  const users: string[] = [];
  const transactions: Transaction[] = [];
  const tokens = new Set<string>();

  function answer(seen: Seen): Reply {
    if (seen.path === "/v2.01/oauth/token") return logIn(seen);
    expect(seen.method).toBe("GET");
    const token = /^Bearer (.+)$/.exec(seen.headers.authorization ?? "")?.[1] ?? "";
    if (!tokens.has(token)) return { status: 401, json: { Message: "unauthorized" } };
    const [, user] = PATH.exec(seen.path) ?? expect.fail(`what is ${seen.path}?`);
    const list = user === undefined ? users.map((Id) => ({ Id })) : transactions.filter(isOf(user));
    const [size, page] = ["per_page", "page"].map((key) => Number(seen.query.get(key)));
    expect(size).toBe(100);
    expect(page).toBeGreaterThan(0);
    return { json: list.slice((Number(page) - 1) * 100, Number(page) * 100) };
  }

  function logIn({ method, headers, body }: Seen): Reply {
    expect(method).toBe("POST");
    expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(body).toBe("grant_type=client_credentials");
    const basic = Buffer.from(`client-1:${provider.apiKey}`).toString("base64");
    if (headers.authorization !== `Basic ${basic}`)
      return { status: 401, json: { error: "invalid_client" }, isLogin: true };
    const access_token = `token-${tokens.size + 1}`;
    tokens.add(access_token);
    return { json: { access_token, token_type: "Bearer", expires_in: 3600 }, isLogin: true };
  }

  const provider: Mangopay = {
    ...(await startProvider(answer)),
    ...{ users, transactions, apiKey: "key-of-client-1" },
  };
  return provider;
}

const isOf =
  (user: string) =>
  ({ AuthorId, CreditedUserId }: Transaction): boolean =>
    AuthorId === user || CreditedUserId === user;
