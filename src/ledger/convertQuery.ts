import type { z } from "zod";
import { BalanceOperator } from "../../gen/florin/ledger/v1/account_pb.js";
import type * as pb from "../../gen/florin/ledger/v1/ledger_pb.js";
import { decodeCursor } from "../lib/cursor.js";
import { DEFAULT_PAGE, MAX_PAGE, type Slice } from "../lib/page.js";
import { fail, ok, type Result } from "../lib/result.js";
import { toInstant, toNumber } from "./convertCommand.js";
import {
  type AccountsQuery,
  accountsQuery,
  type BalancesQuery,
  balancesQuery,
  type LogsQuery,
  logsQuery,
  type TransactionsQuery,
  transactionsQuery,
} from "./domain/cursor.js";
import { canonicalJson, type JsonObject } from "./domain/json.js";
import type { RequestFault } from "./fault.js";

/** The query of a request: of its cursor, which the caller spelled `parameter`, or of its other fields. */
export function toTransactionsQuery(
  request: pb.ListTransactionsRequest,
  parameter: string,
): Result<TransactionsQuery, RequestFault> {
  const { cursor, pageSize, after, reference, account, source, destination, metadata } = request;
  if (cursor !== "") {
    return readCursor(transactionsQuery, cursor, parameter, {
      hasCompanion:
        [pageSize, after, request.startTime, request.endTime].some(isGiven) ||
        [reference, account, source, destination].some(isText),
      agrees: (query) => isSame(metadata, query.metadata),
    });
  }
  const times = toTimes(request);
  if (!times.ok) return times;
  return ok({
    of: "transactions",
    ...toSlice(pageSize, toKey(after)),
    reference,
    account,
    source,
    destination,
    ...times.value,
    metadata,
  });
}

export function toAccountsQuery(
  request: pb.ListAccountsRequest,
  parameter: string,
): Result<AccountsQuery, RequestFault> {
  const { cursor, pageSize, after, address, metadata, balance, balanceOperator } = request;
  if (cursor !== "") {
    return readCursor(accountsQuery, cursor, parameter, {
      hasCompanion:
        isGiven(pageSize) ||
        [after, address, balance].some(isText) ||
        balanceOperator !== BalanceOperator.UNSPECIFIED ||
        Object.keys(metadata).length > 0,
      agrees: ({ asset }) => request.balanceAsset === "" || request.balanceAsset === asset,
    });
  }
  const operator = OPERATORS.get(balanceOperator);
  if (operator === undefined) return fail({ kind: "invalid-balance-operator" });
  return ok({
    of: "accounts",
    ...toSlice(pageSize, after === "" ? null : after),
    address,
    metadata,
    balance,
    operator,
    asset: request.balanceAsset,
  });
}

/** A caller may send numbers that stand for nothing. */
const OPERATORS: ReadonlyMap<BalanceOperator, AccountsQuery["operator"]> = new Map([
  [BalanceOperator.UNSPECIFIED, "gte"],
  [BalanceOperator.E, "e"],
  [BalanceOperator.NE, "ne"],
  [BalanceOperator.GT, "gt"],
  [BalanceOperator.GTE, "gte"],
  [BalanceOperator.LT, "lt"],
  [BalanceOperator.LTE, "lte"],
]);

export function toBalancesQuery(
  { cursor, pageSize, after, address }: pb.GetBalancesRequest,
  parameter: string,
): Result<BalancesQuery, RequestFault> {
  const addresses = address.filter(isText);
  if (cursor !== "") {
    const hasCompanion = isGiven(pageSize) || isText(after) || addresses.length > 0;
    return readCursor(balancesQuery, cursor, parameter, { hasCompanion });
  }
  return ok({ of: "balances", ...toSlice(pageSize, after === "" ? null : after), addresses });
}

export function toLogsQuery(
  request: pb.ListLogsRequest,
  parameter: string,
): Result<LogsQuery, RequestFault> {
  const { cursor, pageSize, after, startTime, endTime } = request;
  if (cursor !== "") {
    const hasCompanion = [pageSize, after, startTime, endTime].some(isGiven);
    return readCursor(logsQuery, cursor, parameter, { hasCompanion });
  }
  const times = toTimes(request);
  if (!times.ok) return times;
  return ok({ of: "logs", ...toSlice(pageSize, toKey(after)), ...times.value });
}

interface Companions<Query> {
  /** Whether something was sent that may not be sent with a cursor. */
  readonly hasCompanion: boolean;
  /** Whether what may be sent with it says the same as the cursor. */
  readonly agrees?: (query: Query) => boolean;
}

function readCursor<Query>(
  shape: z.ZodType<Query>,
  cursor: string,
  parameter: string,
  { hasCompanion, agrees = () => true }: Companions<Query>,
): Result<Query, RequestFault> {
  if (hasCompanion) return fail({ kind: "cursor-companion", parameter });
  const query = decodeCursor(shape, cursor);
  if (query === null) return fail({ kind: "invalid-cursor", parameter });
  return agrees(query) ? ok(query) : fail({ kind: "cursor-companion", parameter });
}

const isGiven = (value: unknown): boolean => value !== undefined;

const isText = (value: string): boolean => value !== "";

/** Metadata that was sent beside a cursor: none, or the cursor's own. */
const isSame = (sent: JsonObject, carried: JsonObject): boolean =>
  Object.keys(sent).length === 0 || canonicalJson(sent) === canonicalJson(carried);

/** Zero counts as not given. */
export const toPageSize = (pageSize: number | undefined): number =>
  Math.min(pageSize || DEFAULT_PAGE, MAX_PAGE);

const toSlice = (pageSize: number | undefined, below: string | null): Slice => ({
  pageSize: toPageSize(pageSize),
  position: below === null ? null : { below },
});

const toKey = (after: bigint | undefined): string | null =>
  after === undefined ? null : String(toNumber(after));

/** The times between which a list is asked for, as text. */
export function toTimes(
  sent: Pick<pb.ListLogsRequest, "startTime" | "endTime">,
): Result<Pick<LogsQuery, "startTime" | "endTime">, RequestFault> {
  const startTime = toInstant(sent.startTime, "startTime");
  if (!startTime.ok) return startTime;
  const endTime = toInstant(sent.endTime, "endTime");
  if (!endTime.ok) return endTime;
  return ok({ startTime: toText(startTime.value), endTime: toText(endTime.value) });
}

const toText = (instant: bigint | null) => (instant === null ? null : String(instant));
