import { setTimeout as sleep } from "node:timers/promises";
import { type Json, type JsonObject, JsonSyntaxError, parseJson } from "../../lib/parseJson.js";

/** A ledger behind the published API. */
export interface Source {
  /** How many logs it has now. */
  count(): Promise<bigint>;
  /** Its first `count` logs, in order, as they are answered. */
  logs(count: bigint): AsyncGenerator<Json>;
  /** How many rules limit its balances. */
  countContracts(): Promise<number>;
}

/** What the published API gives at most. */
const PAGE = 1000n;

const TIMEOUT_MS = 60_000;
const MOST_ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;

/** The ledger whose operations are below `url`, e.g. "https://stack.example.com/api/ledger/main". */
export function openSource(url: string, token: string | undefined): Source {
  const headers = {
    accept: "application/json",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };

  async function read(path: string): Promise<JsonObject> {
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(url + path, { headers, signal, redirect: "error" })
        .then(async (response) => ({ status: response.status, text: await response.text() }))
        .catch((error: Error) => ({ status: 0, text: String(error.cause ?? error.message) }));
      if (answer.status === 200) return toObject(url + path, answer.text);
      const mayPass = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!mayPass || attempt === MOST_ATTEMPTS) {
        const { status, text } = answer;
        throw new Error(`GET ${url + path} ${status ? `answered ${status}` : "failed"}: ${text}`);
      }
      await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
  }

  /** The newest logs below `after`. */
  async function page(after: bigint, size: bigint): Promise<readonly Json[]> {
    const path = `/logs?pageSize=${size}${after > 0n ? `&after=${after}` : ""}`;
    const cursor = (await read(path)).get("cursor");
    const data = cursor instanceof Map ? cursor.get("data") : undefined;
    if (!Array.isArray(data)) throw new Error(`GET ${url + path} answered no list of logs`);
    return data;
  }

  return {
    async count() {
      const [newest] = await page(0n, 1n);
      return newest === undefined ? 0n : idOf(newest) + 1n;
    },
    // Lists are newest first, and histories are imported from their beginning: hence in windows, from below. A window
    // is asked for as what is below its end, of which the API gives the newest.
    async *logs(count) {
      for (let from = 0n; from < count; from += PAGE) {
        const end = from + PAGE < count ? from + PAGE : count;
        const logs = (await page(end, PAGE)).filter((log) => idOf(log) >= from && idOf(log) < end);
        yield* logs.reverse();
      }
    },
    async countContracts() {
      const mapping = (await read("/mapping")).get("data");
      const contracts = mapping instanceof Map ? mapping.get("contracts") : undefined;
      return Array.isArray(contracts) ? contracts.length : 0;
    },
  };
}

function toObject(url: string, text: string): JsonObject {
  try {
    const json = parseJson(text);
    if (json instanceof Map) return json;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  throw new Error(`GET ${url} answered no JSON object: is this the URL of a ledger's API?`);
}

function idOf(log: Json): bigint {
  const id = log instanceof Map ? log.get("id") : undefined;
  if (typeof id !== "object" || id === null || !("token" in id) || !/^\d+$/.test(id.token)) {
    throw new Error("a log has no id");
  }
  return BigInt(id.token);
}
