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
/** Of an answer, unpacked: about half of the longest text that there can be. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;

/** How much is shown of an answer that was none. */
const SHOWN = 300;

/** The ledger `name` of the API at `from`, e.g. "https://stack.example.com/api/ledger". */
export function openSource(
  from: string,
  name: string,
  token: string | undefined,
  mostBytes = MOST_BYTES,
): Source {
  const url = `${toBase(from)}/${encodeURIComponent(name)}`;
  const headers = {
    accept: "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
  };

  async function read(path: string): Promise<JsonObject> {
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(url + path, { headers, signal, redirect: "manual" })
        .then(async (response) => ({
          status: response.status,
          text: await textOf(response, mostBytes),
        }))
        .catch((error: Error) => ({ status: 0, text: String(error.cause ?? error.message) }));
      if (answer.text === null) {
        throw new Error(`GET ${url + path} answered more than ${mostBytes / 1024 ** 2} MiB`);
      }
      if (answer.status === 200) return toObject(url + path, answer.text);
      const mayPass = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!mayPass || attempt === MOST_ATTEMPTS) {
        const { status } = answer;
        const text = shown(answer.text, token);
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
        // What follows a gap is of no use, and a source may tell of more logs than anybody could ask for.
        if (BigInt(logs.length) < end - from) return;
      }
    },
    async countContracts() {
      const mapping = (await read("/mapping")).get("data");
      const contracts = mapping instanceof Map ? mapping.get("contracts") : undefined;
      return Array.isArray(contracts) ? contracts.length : 0;
    },
  };
}

/** What `response` brings; null if it is more than `most` bytes, of which no more is taken then. */
async function textOf(response: Response, most: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const bytes of response.body ?? []) {
    size += bytes.length;
    if (size > most) return null;
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/** Without the slash at its end. What else a URL may have is not of a base, and secrets in it would be shown. */
function toBase(from: string): string {
  const url = URL.canParse(from) ? new URL(from) : null;
  const isBase =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (!isBase) {
    throw new Error(
      "--from takes the URL of a ledger's API, without credentials and query: https://stack.example.com/api/ledger",
    );
  }
  return url.href.replace(/\/+$/, "");
}

/** The beginning of `text`, fit for a terminal and for a log: whatever answers there may have written anything. */
function shown(text: string, token: string | undefined): string {
  const known = token ? text.replaceAll(token, "…") : text;
  const plain = known.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain;
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
