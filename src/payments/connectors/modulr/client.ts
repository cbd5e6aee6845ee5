import { randomUUID } from "node:crypto";
import type { Json } from "../../../lib/parseJson.js";
import type { Clock } from "../../../lib/time.js";
import { type Http, ProviderError } from "../connector.js";
import { memberOf, textOf } from "../json.js";
import type { ModulrConfig } from "./modulr.js";
import { signedHeaders } from "./sign.js";

export interface ModulrClient {
  /** The `content` of all pages from that one on, the first being 0, and the number of the page after each. */
  pages(path: string, from: number): AsyncGenerator<ModulrPage>;
  /** The currency of an account; "" if Modulr does not say. */
  currencyOf(account: string): Promise<string>;
}

interface ModulrPage {
  readonly items: readonly Json[];
  /** Null after the last one. */
  readonly next: number | null;
}

/** The most that Modulr gives in one page. */
const PAGE_SIZE = 500;

export function modulrClient({
  http,
  config,
  clock,
}: {
  readonly http: Http;
  readonly config: ModulrConfig;
  readonly clock: Clock;
}): ModulrClient {
  const headers = () => headersOf(config, clock);

  async function readPage(path: string, page: number): Promise<ModulrPage> {
    const query = `page=${page}&size=${PAGE_SIZE}`;
    const { value } = await http.json({ path: `${path}?${query}`, headers });
    const items = memberOf(value, "content");
    const totalPages = textOf(memberOf(value, "totalPages"));
    if (!Array.isArray(items) || !/^\d{1,9}$/.test(totalPages)) {
      throw new ProviderError(`GET ${path}: answered something that is no page`);
    }
    const hasNext = items.length > 0 && page + 1 < Number(totalPages);
    return { items, next: hasNext ? page + 1 : null };
  }

  return {
    async *pages(path, from) {
      let page: number | null = from;
      while (page !== null) {
        const read: ModulrPage = await readPage(path, page).catch((error) => {
          // There may be fewer pages than there were.
          if (page !== from || from === 0 || !isMissing(error)) throw error;
          return { items: [], next: 0 };
        });
        yield read;
        page = read.next;
      }
    },
    async currencyOf(account) {
      const path = `/accounts/${encodeURIComponent(account)}`;
      const { value } = await http.json({ path, headers });
      return textOf(memberOf(value, "currency"));
    },
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof ProviderError && (error.status === 400 || error.status === 404);

/** The sandbox has a place that takes keys as they are; elsewhere each request is signed. */
function headersOf(config: ModulrConfig, clock: Clock): Record<string, string> {
  if (config.endpoint.endsWith("-token")) return { authorization: config.apiKey };
  const date = new Date(Number(clock() / 1000n)).toUTCString();
  return signedHeaders(config, { date, nonce: randomUUID() });
}
