import type { Json } from "../../lib/parseJson.js";
import { printJson } from "../../lib/printJson.js";
import { ProviderError } from "./connector.js";

/** Pages from number `first` on, up to an empty one, or to one that is not `full`. */
export async function* eachPage(
  fetchPage: (page: number) => Promise<readonly Json[]>,
  { first, full = 1 }: { readonly first: number; readonly full?: number },
): AsyncGenerator<readonly Json[]> {
  let before = "";
  for (let page = first; ; page++) {
    const items = await fetchPage(page);
    if (items.length === 0) return;
    const text = printJson([...items]);
    // A provider that does not know what a page is would be asked for ever.
    if (text === before) throw new ProviderError(`page ${page} is the same as the one before it`);
    yield items;
    if (items.length < full) return;
    before = text;
  }
}
