import { createHmac } from "node:crypto";
import { type Answer, type Asked, type Provider, startProvider } from "./modulrProvider.js";

export const MODULR_KEY = "key-for-tests";
export const MODULR_SECRET = "secret-for-tests";

export interface ModulrTransaction {
  readonly id: string;
  readonly type: string;
  readonly amount: number | string;
  readonly account?: { readonly id: string; readonly currency: string };
}

interface ModulrAccount {
  readonly id: string;
  readonly currency: string;
  /** Newest first. */
  readonly transactions: ModulrTransaction[];
}

export interface FakeModulr extends Provider {
  readonly accounts: ModulrAccount[];
  /** What it found wrong with requests. */
  readonly complaints: readonly string[];
}

const ACCOUNTS_IN_A_PAGE = 2;
const TRANSACTIONS_IN_A_PAGE = 25;

/** It takes keys as they are below /token, and signed requests below /signed. */
export async function startModulr(): Promise<FakeModulr> {
  const accounts: ModulrAccount[] = [];
  const complaints: string[] = [];
  const nonces = new Set<string>();

  function refusal({ path, headers, query }: Asked): string | null {
    if (headers["authorization"] === undefined) return "no authorization";
    if (!/^\d+$/.test(query.get("page") ?? "0")) return "no good page";
    if (Number(query.get("size") ?? 0) > 500) return "too large a page";
    if (path.startsWith("/api-sandbox-token/")) {
      return headers["authorization"] === MODULR_KEY ? null : "another key";
    }
    const { date, "x-mod-nonce": nonce, "x-mod-retry": retry } = headers;
    if (typeof nonce !== "string" || nonces.has(nonce)) return "a nonce that is not new";
    nonces.add(nonce);
    if (typeof date !== "string" || !date.endsWith(" GMT")) return "no good date";
    if (Math.abs(Date.parse(date) - Date.now()) > 60_000) return "a date of another time";
    if (retry !== "false") return "a repetition";
    const digest = createHmac("sha1", Buffer.from(MODULR_SECRET))
      .update(`date: ${date}\nx-mod-nonce: ${nonce}`)
      .digest("base64");
    const signature = digest.replaceAll("+", "%2B").replaceAll("/", "%2F").replaceAll("=", "%3D");
    const expected = `Signature keyId="${MODULR_KEY}",algorithm="hmac-sha1",headers="date x-mod-nonce",signature="${signature}"`;
    return headers["authorization"] === expected ? null : "another signature";
  }

  const provider = await startProvider((asked): Answer => {
    const problem = refusal(asked);
    if (problem !== null) {
      complaints.push(problem);
      return { status: 401, body: [{ code: "GENERAL", message: problem }] };
    }
    const [, id, transactions] =
      /^\/api-sandbox(?:-token)?\/accounts(?:\/([^/]+)(\/transactions)?)?$/.exec(asked.path) ?? [];
    if (id === undefined) return page(accounts.map(summaryOf), ACCOUNTS_IN_A_PAGE, asked);
    const account = accounts.find((it) => it.id === decodeURIComponent(id));
    if (account === undefined) return { status: 404, body: [] };
    return transactions
      ? page(account.transactions, TRANSACTIONS_IN_A_PAGE, asked)
      : { body: summaryOf(account) };
  });
  return { ...provider, accounts, complaints };
}

const summaryOf = ({ id, currency }: ModulrAccount) => ({ id, currency, status: "ACTIVE" });

function page(list: readonly unknown[], most: number, { query }: Asked): Answer {
  const [number, size] = [
    Number(query.get("page") ?? 0),
    Math.min(Number(query.get("size") ?? 20), most),
  ];
  const totalPages = Math.ceil(list.length / size);
  const content = list.slice(number * size, (number + 1) * size);
  return { body: { content, size, totalSize: list.length, page: number, totalPages } };
}
