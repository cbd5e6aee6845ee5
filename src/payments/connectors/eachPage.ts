import type { Json } from "../../lib/parseJson.js";
import { printJson } from "../../lib/printJson.js";
import { ProviderError } from "./connector.js";

interface Fetched {
  readonly items: readonly Json[];
  /** Whether the provider says that nothing follows. */
  readonly isLast?: boolean;
}

/** What a task leaves behind: the page to go on with; nothing once it has read all. */
interface Place {
  readonly page?: number;
}

interface ReadPage {
  readonly items: readonly Json[];
  readonly state: Place;
}

/**
 * The pages of a list, up to the last one or an empty one, each with the place after it. It goes on where `state` says
 * that an earlier run broke off, else it begins with page number `first`.
 */
export async function* eachPage(
  fetchPage: (page: number) => Promise<Fetched>,
  { first, state }: { readonly first: number; readonly state: unknown },
): AsyncGenerator<ReadPage> {
  const { page: from = first } = (state ?? {}) as Place;
  // Where it cannot go on the next run begins anew, lest the pages before are never read again.
  if (from > first) yield { items: [], state: {} };
  let before = "";
  for (let page = from; ; page++) {
    const { items, isLast = false } = await fetchPage(page).catch((error: unknown): Fetched => {
      if (page > first && isMissing(error)) return { items: [] };
      throw error;
    });
    const text = printJson([...items]);
    // Whether the provider has but one page or knows nothing of pages cannot be told.
    if (text === before && page === first + 1)
      throw new ProviderError(`page ${page} is the same as the one before it`);
    if (items.length === 0 || text === before) {
      if (page > from) yield { items: [], state: {} };
      return;
    }
    yield { items, state: isLast ? {} : { page: page + 1 } };
    if (isLast) return;
    before = text;
  }
}

/** There are fewer pages than there were, or the one before was the last. */
const isMissing = (error: unknown): boolean =>
  error instanceof ProviderError && error.status === 404;
