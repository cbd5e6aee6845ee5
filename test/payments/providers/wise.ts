import { expect } from "vitest";
import { type Provider, type Reply, type Seen, startProvider } from "./fakeProvider.js";
import { createOrders, type WiseOrders } from "./wiseOrders.js";

export interface WiseTransfer {
  readonly id: number;
  readonly profile: number;
  status: string;
  readonly created: string;
  readonly sourceAccount: number | null;
  readonly targetAccount: number;
  readonly targetCurrency: string;
  targetValue: number;
}

export interface Wise extends Provider {
  /** What it was asked to send. */
  readonly sending: WiseOrders;
  readonly profiles: { readonly id: number; readonly type: string }[];
  /** Newest first, as they are listed. */
  readonly transfers: WiseTransfer[];
  /** Transfers that are still to come, one after each page that is asked for. */
  readonly arriving: WiseTransfer[];
  /** Profiles whose transfers it cannot list. */
  readonly broken: Set<number>;
  /** What it takes now. */
  apiKey: string;
}

/** Wise as it answers the owner of a token. */
export async function startWise(): Promise<Wise> {
  const profiles: Wise["profiles"] = [];
  const transfers: WiseTransfer[] = [];
  const arriving: WiseTransfer[] = [];
  const broken = new Set<number>();
  const sending = createOrders();

  function answer(seen: Seen): Reply {
    if (seen.headers.authorization !== `Bearer ${wise.apiKey}`)
      return { status: 401, json: { error: "invalid_token", error_description: "no such token" } };
    const reply = sending.answer(seen);
    if (reply !== null) return reply;
    const request = `${seen.method} ${seen.path}`;
    if (request === "GET /v1/profiles") return { json: profiles };
    expect(request).toBe("GET /v1/transfers");
    return list(seen.query);
  }

  function list(query: URLSearchParams): Reply {
    const [limit, offset, profile] = ["limit", "offset", "profile"].map((key) =>
      Number(query.get(key)),
    );
    expect(limit).toBe(10);
    expect(Number(offset) % 10).toBe(0);
    if (broken.has(Number(profile))) return { status: 403, json: { message: "not yours" } };
    const all = transfers.filter((transfer) => transfer.profile === profile);
    const next = arriving.shift();
    if (next) transfers.unshift(next);
    return { json: all.slice(Number(offset), Number(offset) + 10) };
  }

  const wise: Wise = {
    ...(await startProvider(answer)),
    ...{ profiles, transfers, arriving, broken, sending, apiKey: "token-of-the-owner" },
  };
  return wise;
}
