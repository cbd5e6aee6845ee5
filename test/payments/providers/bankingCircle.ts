import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";

export interface Payment {
  readonly paymentId: string;
  transactionReference: string;
  readonly classification: string;
  status: string;
  readonly transfer: { readonly amount: { readonly currency: string; readonly amount: number } };
}

export interface BankingCircle extends Provider {
  readonly payments: Payment[];
  /** What it takes now. */
  password: string;
  /** How long its tokens live, as it says. */
  seconds: number;
}

const pem = (name: string): Promise<string> => readFile(`test/support/tls/${name}`, "utf8");

/** What callers have to know for TLS: whom to trust, and a certificate of their own. */
export const authority = "test/support/tls/first.crt";
export const [userCertificate, userCertificateKey, otherKey] = await Promise.all(
  ["second.crt", "second.key", "first.key"].map(pem),
);

/** Banking Circle as it answers the user "user-1", over TLS. It asks for a certificate unless it is told not to. */
export async function startBankingCircle({
  asksForCertificate = true,
} = {}): Promise<BankingCircle> {
  const payments: Payment[] = [];
  const tokens = new Set<string>();
  const tls = {
    ...{ cert: await pem("first.crt"), key: await pem("first.key") },
    ...(asksForCertificate && { requestCert: true, ca: userCertificate }),
  };

  function answer(seen: Seen): Reply {
    expect(seen.method).toBe("GET");
    expect(seen.isCertified).toBe(asksForCertificate);
    if (seen.path === "/api/v1/authorizations/authorize") return logIn(seen);
    expect(seen.path).toBe("/api/v1/payments/singles");
    const token = /^Bearer (.+)$/.exec(seen.headers.authorization ?? "")?.[1] ?? "";
    if (!tokens.has(token)) return { status: 401, json: {} };
    const [size, page] = ["PageSize", "PageNumber"].map((key) => Number(seen.query.get(key)));
    expect(size).toBe(100);
    expect(page).toBeGreaterThan(0);
    const result = payments.slice((Number(page) - 1) * 100, Number(page) * 100);
    return { json: { result, pageInfo: { currentPage: page, pageSize: 100 } } };
  }

  function logIn({ headers }: Seen): Reply {
    const basic = Buffer.from(`user-1:${provider.password}`).toString("base64");
    if (headers.authorization !== `Basic ${basic}`) return { status: 401, json: {}, isLogin: true };
    const access_token = `token-${tokens.size + 1}`;
    tokens.add(access_token);
    return { json: { access_token, expires_in: String(provider.seconds) }, isLogin: true };
  }

  const provider: BankingCircle = {
    ...(await startProvider(answer, tls)),
    ...{ payments, password: "password-of-user-1", seconds: 300 },
  };
  return provider;
}
