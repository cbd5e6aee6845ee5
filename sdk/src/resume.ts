import { Code } from "@connectrpc/connect";
import { FlorinError } from "./florinError.js";
import type { Retries } from "./retries.js";

/** A stream that is opened again when it breaks. */
interface Resumable<Item> {
  readonly retries: Retries;
  /** Opens it, from where it stands. */
  open(): AsyncIterable<Item>;
  /** How often in a row it may fail to open, once it has been open. */
  readonly maxOutage?: number;
}

/** A stream that lived so long had been opened, even if nothing came. */
const SETTLED_MS = 10_000;

/**
 * What the stream gives, across lost connections, servers that stop, and tokens that end. While it has never been open, it
 * is given up like any other call. A token that is refused is replaced once in a row.
 */
export async function* resume<Item>({
  retries,
  open,
  maxOutage,
}: Resumable<Item>): AsyncGenerator<Item> {
  let wasOpen = false;
  let wasRefused = false;
  const works = () => {
    wasOpen = true;
    wasRefused = false;
    retries.succeeded();
  };
  for (;;) {
    const openedAt = performance.now();
    try {
      for await (const item of open()) {
        works();
        yield item;
      }
      return;
    } catch (error) {
      if (performance.now() - openedAt >= SETTLED_MS) works();
      if (!wasRefused && isRefused(error)) wasRefused = true;
      else await retries.waitAfter(error, wasOpen ? maxOutage : undefined);
    }
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof FlorinError && error.code === Code.Unauthenticated;
