import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  type LedgerService,
  StreamTransactionsRequestSchema,
} from "../../gen/florin/ledger/v1/ledger_pb.js";
import { cancelOnLeave } from "./cancelOnLeave.js";
import { endedEarly } from "./florinError.js";
import { withKey } from "./idempotencyKey.js";
import { resume } from "./resume.js";
import { type Patience, startRetries } from "./retries.js";

type Call = Client<typeof LedgerService>["streamTransactions"];
type Request = MessageInitShape<typeof StreamTransactionsRequestSchema>;

/**
 * `call` across interruptions: what was sent and not answered is sent again, under the same idempotency keys, before
 * anything new. So each request is committed once at most and has one answer, in order.
 */
export const streamTransactions =
  (call: Call, patience: Patience): Call =>
  (requests, options) =>
    cancelOnLeave(options, async function* (linked) {
      const { signal, timeoutMs } = linked;
      const method = "florin.ledger.v1.LedgerService/StreamTransactions";
      const retries = startRetries(patience, { method, signal, timeoutMs });
      const outbox = createOutbox(requests);
      try {
        yield* resume({
          retries,
          async *open() {
            try {
              for await (const answer of call(outbox.send(), {
                ...linked,
                ...retries.timeLeft(),
              })) {
                outbox.noteAnswer();
                yield answer;
              }
              if (!outbox.isDone()) throw endedEarly();
            } catch (error) {
              outbox.throwFault();
              throw error;
            }
          },
        });
      } finally {
        outbox.close();
      }
    });

/** Requests on their way. */
function createOutbox(requests: AsyncIterable<Request>) {
  const source = requests[Symbol.asyncIterator]();
  const unanswered: Request[] = [];
  let upcoming: Promise<IteratorResult<Request>> | null = null;
  let round = 0;
  let ledger = "";
  let hasEnded = false;
  let fault: { readonly error: unknown } | null = null;

  /** As it can be sent at any place of a stream, and any number of times. */
  function prepare(request: Request): Request {
    const keyed = withKey(StreamTransactionsRequestSchema, request);
    ledger = keyed.ledger || ledger;
    return { ...keyed, ledger };
  }

  return {
    /** What is unanswered, then what comes. An earlier round that still waits takes nothing any more. */
    async *send(): AsyncGenerator<Request> {
      round += 1;
      const mine = round;
      yield* [...unanswered];
      for (;;) {
        upcoming ??= Promise.resolve(source.next());
        const result = await upcoming.catch((error: unknown) => {
          fault = { error };
          throw error;
        });
        if (mine !== round) return;
        if (result.done) {
          hasEnded = true;
          return;
        }
        upcoming = null;
        const request = prepare(result.value);
        unanswered.push(request);
        yield request;
      }
    },
    noteAnswer: () => unanswered.shift(),
    /** Whether all was sent and answered. */
    isDone: () => hasEnded && unanswered.length === 0,
    /** Throws what the caller's own iteration has failed with, if it has: not an error of the call. */
    throwFault() {
      if (fault !== null) throw fault.error;
    },
    close: () => void Promise.resolve(source.return?.()).catch(() => {}),
  };
}
