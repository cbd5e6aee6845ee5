import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { listMigrations } from "../db/migrate.js";
import { interruptible } from "../lib/interruptible.js";
import { iterating } from "../lib/iterating.js";
import { fail, ok, type Result } from "../lib/result.js";
import { spanOf } from "../server/callRecord.js";
import { wantedBy } from "../server/cancellation.js";
import { principalKey } from "../server/principal.js";
import { spelledAs } from "../server/spelling.js";
import { unwrap } from "../server/unwrap.js";
import { aggregateBalances } from "./aggregateBalances.js";
import {
  fromAccount,
  fromAccountBalances,
  fromAccountWithVolumes,
  fromBalances,
  fromPage,
  fromTransaction,
} from "./convert.js";
import {
  toAddress,
  toCreate,
  toCreateAll,
  toLedgerName,
  toMetadata,
  toNumber,
  toRunScript,
} from "./convertCommand.js";
import {
  toAccountFilter,
  toAccounts,
  toLogFilter,
  toPattern,
  toTransactionFilter,
} from "./convertFilter.js";
import { toImport } from "./convertImport.js";
import { fromMigration, fromVerification, toExpectedLog } from "./convertInfo.js";
import { fromLog } from "./convertLog.js";
import { fromMapping, fromMappingInForce, toMapping } from "./convertMapping.js";
import {
  toAccountsQuery,
  toBalancesQuery,
  toLogsQuery,
  toPageSize,
  toTimes,
  toTransactionsQuery,
} from "./convertQuery.js";
import { fromRefusal } from "./convertScript.js";
import { fromWritten, toWrites } from "./convertStream.js";
import { type Caller, type SentWrite, toWrite } from "./convertWrite.js";
import { countAccounts } from "./countAccounts.js";
import { countTransactions } from "./countTransactions.js";
import type { Command } from "./domain/command.js";
import type { Entry } from "./domain/log.js";
import { type LedgerFailure, ledgerErrors } from "./errors.js";
import { getAccount } from "./getAccount.js";
import { getMapping } from "./getMapping.js";
import { getTransaction } from "./getTransaction.js";
import { createImport } from "./importLogs.js";
import type { Ledger } from "./ledger.js";
import { listAccounts } from "./listAccounts.js";
import { listBalances } from "./listBalances.js";
import { listLedgers } from "./listLedgers.js";
import { listLogs } from "./listLogs.js";
import { listTransactions } from "./listTransactions.js";
import { createLongJobs } from "./longJobs.js";
import { readStats } from "./readStats.js";
import { streamTransactions } from "./streamTransactions.js";
import { verifyLedger } from "./verifyLedger.js";
import { createLogWatch } from "./watchLogs.js";

interface Parts {
  readonly ledger: Ledger;
  /** Of Florin. */
  readonly version: string;
}

export const ledgerService = (parts: Parts): ServiceImpl<typeof LedgerService> => ({
  ...writes(parts),
  ...transactionReads(parts),
  ...accountReads(parts),
  ...ledgerReads(parts),
  ...watching(parts),
  ...longJobs(parts),
});

const take = <T>(result: Result<T, LedgerFailure>): T => unwrap(result, ledgerErrors);

function writes({ ledger }: Parts) {
  /** Hands a command to the writer; what it wrote, now or under the same key before. */
  const write = async (request: SentWrite, command: Command, context: HandlerContext) =>
    take(await tryWrite(request, command, context));

  async function tryWrite(request: SentWrite, command: Command, context: HandlerContext) {
    const sent = take(toWrite(request, command, callerOf(context)));
    const written = await ledger.write(sent.ledger, sent.request, wantedBy(context));
    if (!written.ok) return written;
    const { entries, isReplay } = written.value;
    if (isReplay) context.responseHeader.set("Idempotency-Hit", "true");
    return ok(entries);
  }
  return {
    async createTransaction(request, context) {
      const entries = await write(request, take(toCreate(request.transaction)), context);
      return { data: transactionsIn(entries) };
    },
    async runScript(request, context) {
      const written = await tryWrite(request, take(toRunScript(request.script)), context);
      if (written.ok) return { transaction: transactionsIn(written.value)[0] };
      return fromRefusal(written.failure) ?? take(written);
    },
    async createTransactions(request, context) {
      const entries = await write(request, take(toCreateAll(request.transactions)), context);
      return { data: transactionsIn(entries) };
    },
    async addMetadataToAccount(request, context) {
      const target = { account: take(toAddress(request.address)) };
      const metadata = take(toMetadata(request.metadata));
      await write(request, { kind: "set-metadata", target, metadata }, context);
      return {};
    },
    async addMetadataOnTransaction(request, context) {
      const target = { txid: toNumber(request.txid) };
      const metadata = take(toMetadata(request.metadata));
      await write(request, { kind: "set-metadata", target, metadata }, context);
      return {};
    },
    async updateMapping(request, context) {
      const mapping = take(toMapping(request.mapping));
      await write(request, { kind: "update-mapping", mapping }, context);
      return { data: fromMapping(mapping) };
    },
    async revertTransaction(request, context) {
      const txid = toNumber(request.txid);
      const entries = await write(request, { kind: "revert-transaction", txid }, context);
      return { data: transactionsIn(entries)[0] };
    },
  } satisfies Methods;
}

type Methods = Partial<ServiceImpl<typeof LedgerService>>;

const callerOf = (context: HandlerContext): Caller => ({
  actor: actorOf(context),
  span: spanOf(context),
});

const actorOf = ({ values }: HandlerContext): string | null =>
  values.get(principalKey)?.subject ?? null;

const transactionsIn = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => ("transaction" in entry ? [fromTransaction(entry.transaction)] : []));

const transactionReads = ({ ledger }: Parts) =>
  ({
    async getTransaction(request) {
      const name = take(toLedgerName(request.ledger));
      const transaction = take(await getTransaction(ledger, name, toNumber(request.txid)));
      return { data: fromTransaction(transaction) };
    },
    async listTransactions(request, context) {
      const name = take(toLedgerName(request.ledger));
      const query = take(toTransactionsQuery(request, spelledAs(context, "cursor")));
      const filter = take(toTransactionFilter(query));
      const page = take(await listTransactions(ledger, name, filter, query));
      return { cursor: fromPage(page, query, fromTransaction) };
    },
    async countTransactions(request) {
      const name = take(toLedgerName(request.ledger));
      const filter = take(toTransactionFilter({ ...request, ...take(toTimes(request)) }));
      return { count: take(await countTransactions(ledger, name, filter)) };
    },
  }) satisfies Methods;

const accountReads = ({ ledger }: Parts) =>
  ({
    async getAccount(request) {
      const name = take(toLedgerName(request.ledger));
      const account = await getAccount(ledger, name, take(toAddress(request.address)));
      return { data: fromAccountWithVolumes(account) };
    },
    async listAccounts(request, context) {
      const name = take(toLedgerName(request.ledger));
      const query = take(toAccountsQuery(request, spelledAs(context, "cursor")));
      const page = take(await listAccounts(ledger, name, take(toAccountFilter(query)), query));
      return { cursor: fromPage(page, query, fromAccount) };
    },
    async countAccounts(request) {
      const name = take(toLedgerName(request.ledger));
      const filter = {
        address: take(toPattern(request.address, "address")),
        metadata: request.metadata,
        balance: null,
      };
      return { count: take(await countAccounts(ledger, name, filter)) };
    },
    async getBalances(request, context) {
      const name = take(toLedgerName(request.ledger));
      const query = take(toBalancesQuery(request, spelledAs(context, "cursor")));
      const page = take(await listBalances(ledger, name, take(toAccounts(query)), query));
      return { cursor: fromPage(page, query, fromAccountBalances) };
    },
    async getBalancesAggregated(request) {
      const name = take(toLedgerName(request.ledger));
      const sums = take(
        await aggregateBalances(ledger, name, take(toPattern(request.address, "address"))),
      );
      return { data: fromBalances(sums) };
    },
  }) satisfies Methods;

function watching({ ledger }: Parts) {
  const watchLogs = createLogWatch(ledger);
  return {
    async *watchLogs({ ledger, lastEventId, after }, { signal }) {
      const name = take(toLedgerName(ledger));
      for await (const log of watchLogs(name, lastEventId ?? after ?? null, signal)) {
        yield { log: fromLog(log) };
      }
    },
    streamTransactions(requests, context) {
      const writes = toWrites(requests, callerOf(context));
      const written = streamTransactions(ledger, writes, context.signal);
      return iterating(written, { each: fromWritten });
    },
  } satisfies Methods;
}

function longJobs({ ledger }: Parts) {
  const jobs = createLongJobs(ledger.db);
  const importLogs = createImport(ledger, jobs);
  return {
    async importLogs(requests, context) {
      // An import that is refused leaves most of them unread.
      const sent = await toImport(interruptible(requests, context.signal), actorOf(context));
      const name = take(toLedgerName(sent.ledger));
      const { lastHash, ...counts } = take(await importLogs(name, sent.logs, context.signal));
      return { ...counts, lastHash: lastHash ?? "" };
    },
    async *verifyLedger(request) {
      const name = take(toLedgerName(request.ledger));
      const expected = take(toExpectedLog(request));
      if (!jobs.take()) take(fail({ kind: "long-jobs-full" }));
      try {
        for await (const message of verifyLedger(ledger.db, name, expected)) {
          yield { event: fromVerification(message) };
        }
      } finally {
        jobs.giveBack();
      }
    },
  } satisfies Methods;
}

const ledgerReads = ({ ledger, version }: Parts) =>
  ({
    async getInfo() {
      const ledgers = await listLedgers(ledger);
      return {
        data: { server: "florin", version, config: { storage: { driver: "postgres", ledgers } } },
      };
    },
    async listLedgers({ after, pageSize }) {
      const size = toPageSize(pageSize);
      const ledgers = await listLedgers(ledger, after, size + 1);
      return { ledgers: ledgers.slice(0, size), hasMore: ledgers.length > size };
    },
    async getLedgerInfo(request) {
      const name = take(toLedgerName(request.ledger));
      const migrations = (await listMigrations(ledger.db)).map(fromMigration);
      return { data: { name, storage: { migrations } } };
    },
    async getMapping(request) {
      return fromMappingInForce(await getMapping(ledger, take(toLedgerName(request.ledger))));
    },
    async readStats(request) {
      return { data: await readStats(ledger, take(toLedgerName(request.ledger))) };
    },
    async listLogs(request, context) {
      const name = take(toLedgerName(request.ledger));
      const query = take(toLogsQuery(request, spelledAs(context, "cursor")));
      const page = await listLogs(ledger, name, toLogFilter(query), query);
      return { cursor: fromPage(page, query, fromLog) };
    },
  }) satisfies Methods;
