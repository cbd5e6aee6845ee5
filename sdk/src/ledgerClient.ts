import { type CallOptions, type Client, createClient, type Transport } from "@connectrpc/connect";
import type { Account, AccountBalances } from "../../gen/florin/ledger/v1/account_pb.js";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { Log } from "../../gen/florin/ledger/v1/log_pb.js";
import type { Transaction } from "../../gen/florin/ledger/v1/transaction_pb.js";
import { cancelOnLeave } from "./cancelOnLeave.js";
import { byCursor, inPages, type List } from "./pages.js";
import type { Patience } from "./retries.js";
import { streamTransactions } from "./streamTransactions.js";
import { watch } from "./watch.js";

type Rpcs = Client<typeof LedgerService>;
type ListRpc = "listLedgers" | "listAccounts" | "listTransactions" | "listLogs" | "getBalances";
type StreamRpc = "watchLogs" | "streamTransactions" | "verifyLedger";

/** `Rpc`, whose answers are pages of `Item`. */
export type Listing<Rpc extends (...call: never[]) => Promise<unknown>, Item> = (
  ...call: Parameters<Rpc>
) => List<Awaited<ReturnType<Rpc>>, Item>;

/** The RPCs of the ledger. Lists can be gone through item by item; streams outlive lost connections. */
export interface LedgerClient extends Omit<Rpcs, ListRpc | StreamRpc> {
  /** Names of the ledgers that have been written to, ascending. */
  readonly listLedgers: Listing<Rpcs["listLedgers"], string>;
  /** Accounts by address, descending. */
  readonly listAccounts: Listing<Rpcs["listAccounts"], Account>;
  /** Transactions, newest first. */
  readonly listTransactions: Listing<Rpcs["listTransactions"], Transaction>;
  /** Logs, newest first. */
  readonly listLogs: Listing<Rpcs["listLogs"], Log>;
  /** Balances of all accounts that have volumes, by address, descending. */
  readonly getBalances: Listing<Rpcs["getBalances"], AccountBalances>;
  /**
   * Logs in order, none missing and none twice: first the history after `after`, then each new one as it is committed. Goes on
   * across lost connections, servers that stop and tokens that end; leave the loop, or abort the `signal`, to end it.
   *
   * @example
   * for await (const { log } of florin.ledger.watchLogs({ ledger: "main", after: lastSeen })) {
   *   await handle(log);
   * }
   */
  readonly watchLogs: Rpcs["watchLogs"];
  /**
   * Commits transactions as they come, and gives an answer for each, in order; a refused one is an answer (`refusal`). Across lost
   * connections what is unanswered is sent again under its idempotency key, so that each is committed once. Needs gRPC.
   * What `requests` throws is thrown.
   */
  readonly streamTransactions: Rpcs["streamTransactions"];
  /** Checks all volumes and the hash chain, telling its progress; the last message is the verdict. */
  readonly verifyLedger: Rpcs["verifyLedger"];
}

const ofLedger = ({ ledger }: { readonly ledger?: string }) => ({ ledger });

export function createLedgerClient(transport: Transport, patience: Patience): LedgerClient {
  const rpcs = createClient(LedgerService, transport);
  return {
    ...rpcs,
    listLedgers: inPages(rpcs.listLedgers, {
      items: ({ ledgers }) => ledgers,
      next: ({ ledgers, hasMore }, request) =>
        hasMore ? { ...request, after: ledgers.at(-1) ?? "" } : null,
    }),
    listAccounts: byCursor(rpcs.listAccounts, ofLedger),
    listTransactions: byCursor(rpcs.listTransactions, ofLedger),
    listLogs: byCursor(rpcs.listLogs, ofLedger),
    getBalances: byCursor(rpcs.getBalances, ofLedger),
    watchLogs: watch(
      `${LedgerService.typeName}/WatchLogs`,
      rpcs.watchLogs,
      ({ log }) => log?.id,
      patience,
    ),
    streamTransactions: streamTransactions(rpcs.streamTransactions, patience),
    verifyLedger: (request, options?: CallOptions) =>
      cancelOnLeave(options, (linked) => rpcs.verifyLedger(request, linked)),
  };
}
