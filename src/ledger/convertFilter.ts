import { fail, ok, type Result } from "../lib/result.js";
import type {
  AccountsQuery,
  BalancesQuery,
  LogsQuery,
  TransactionsQuery,
} from "./domain/cursor.js";
import { isAddress } from "./domain/names.js";
import { type Pattern, parsePattern } from "./domain/pattern.js";
import type { AccountFilter, BalanceFilter, LogFilter, TransactionFilter } from "./domain/query.js";
import type { RequestFault } from "./fault.js";
import type { Accounts } from "./store/balances.js";

/** Absent if "". */
export function toPattern(text: string, parameter: string): Result<Pattern | null, RequestFault> {
  if (text === "") return ok(null);
  const pattern = parsePattern(text);
  return pattern ? ok(pattern) : fail({ kind: "invalid-pattern", parameter });
}

export function toTransactionFilter(
  query: Omit<TransactionsQuery, "of" | "pageSize" | "position">,
): Result<TransactionFilter, RequestFault> {
  const account = toPattern(query.account, "account");
  if (!account.ok) return account;
  const source = toPattern(query.source, "source");
  if (!source.ok) return source;
  const destination = toPattern(query.destination, "destination");
  if (!destination.ok) return destination;
  return ok({
    reference: query.reference === "" ? null : query.reference,
    account: account.value,
    source: source.value,
    destination: destination.value,
    ...toLogFilter(query),
    metadata: query.metadata,
  });
}

export const toLogFilter = ({
  startTime,
  endTime,
}: Pick<LogsQuery, "startTime" | "endTime">): LogFilter => ({
  startTime: startTime === null ? null : BigInt(startTime),
  endTime: endTime === null ? null : BigInt(endTime),
});

export function toAccountFilter(
  query: Pick<AccountsQuery, "address" | "metadata" | "balance" | "operator" | "asset">,
): Result<AccountFilter, RequestFault> {
  const address = toPattern(query.address, "address");
  if (!address.ok) return address;
  const balance = toBalanceFilter(query);
  if (!balance.ok) return balance;
  return ok({ address: address.value, metadata: query.metadata, balance: balance.value });
}

const INTEGER = /^-?\d{1,100000}$/;

function toBalanceFilter({
  balance,
  operator,
  asset,
}: Pick<AccountsQuery, "balance" | "operator" | "asset">): Result<
  BalanceFilter | null,
  RequestFault
> {
  if (balance === "") return ok(null);
  if (!INTEGER.test(balance)) return fail({ kind: "invalid-balance" });
  return ok({ balance: BigInt(balance), operator, asset: asset === "" ? null : asset });
}

/** One value is a pattern; several, or addresses joined by commas, are meant exactly. */
export function toAccounts({
  addresses,
}: Pick<BalancesQuery, "addresses">): Result<Accounts, RequestFault> {
  const exact = addresses.flatMap((text) => text.split(","));
  const [only = ""] = addresses;
  if (addresses.length > 1 || (exact.length > 1 && exact.every(isAddress))) return ok(exact);
  return toPattern(only, "address");
}
