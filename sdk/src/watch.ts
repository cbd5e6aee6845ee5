import type { CallOptions } from "@connectrpc/connect";
import { cancelOnLeave } from "./cancelOnLeave.js";
import { endedEarly } from "./florinError.js";
import { resume } from "./resume.js";
import { type Patience, startRetries } from "./retries.js";

/** Where a watch begins. */
interface From {
  readonly after?: bigint | undefined;
  readonly lastEventId?: bigint | undefined;
}

/**
 * `call`, a stream of numbered items, across interruptions: it goes on after the last item seen, so that none is missing and
 * none comes twice. It ends when its reader leaves or its options say so.
 */
export const watch =
  <Request extends From, Item>(
    method: string,
    call: (request: Request, options?: CallOptions) => AsyncIterable<Item>,
    idOf: (item: Item) => bigint | undefined,
    patience: Patience,
  ) =>
  (request: Request, options?: CallOptions): AsyncIterable<Item> =>
    cancelOnLeave(options, (linked) => {
      const { signal, timeoutMs } = linked;
      const retries = startRetries(patience, { method, signal, timeoutMs });
      let last = request.lastEventId ?? request.after;
      return resume({
        retries,
        maxOutage: Number.POSITIVE_INFINITY,
        async *open() {
          const from = { ...request, after: last, lastEventId: undefined };
          for await (const item of call(from, { ...linked, ...retries.timeLeft() })) {
            last = idOf(item) ?? last;
            yield item;
          }
          throw endedEarly();
        },
      });
    });
