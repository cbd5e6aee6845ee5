import type { DescMethod } from "@bufbuild/protobuf";
import { test, vi } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { expectRefusals, type Refusal } from "./support/refusals.js";

vi.setConfig({ testTimeout: 60_000 });

const call = LedgerService.method;

/** A bad query on the ledger "main", over RPC and over REST. */
function query(
  method: DescMethod,
  request: Record<string, unknown>,
  path: string,
  says: string,
  restSays = says,
): Refusal {
  return {
    rpc: [method, { ledger: "main", ...request }],
    rest: [`GET ${path}`],
    says,
    restSays,
  };
}

/** What only a URL can say. */
const inUrl = (path: string, says: string): Refusal => ({ rest: [`GET ${path}`], says });

const NO_PAGE = "invalid 'pageSize' query param";
const NO_CURSOR = "invalid 'cursor' query param";
const ALONE = "no other query params can be set with 'cursor'";
const NO_BALANCE = "invalid parameter 'balance', should be a number";
const NO_ID = "invalid transaction ID";
const NO_ADDRESS = "invalid account address format";
const NO_ENCODING = "invalid percent-encoding in the path";
const NO_NAME =
  "invalid ledger name: 1 to 63 letters, digits, '-' and '_', and no '_' at the beginning";

const garbage = Buffer.from('{"of":"transactions"}').toString("base64url");

const PAGES: Record<string, Refusal> = {
  "a page of no number": inUrl("transactions?pageSize=abc", NO_PAGE),
  "a page of a fraction": inUrl("accounts?pageSize=1.5", NO_PAGE),
  "a page of less than nothing": inUrl("balances?pageSize=-1", NO_PAGE),
  "a page of more than 32 bits": inUrl("logs?pageSize=4294967296", NO_PAGE),
  "a page by its old name": inUrl("logs?page_size=x", "invalid 'page_size' query param"),
  "a cursor that is none": query(
    call.listTransactions,
    { cursor: "garbage" },
    "transactions?cursor=garbage",
    NO_CURSOR,
  ),
  "a cursor with half of what it must hold": query(
    call.listTransactions,
    { cursor: garbage },
    `transactions?cursor=${garbage}`,
    NO_CURSOR,
  ),
  "a cursor of another list": query(
    call.listAccounts,
    { cursor: garbage },
    `accounts?cursor=${garbage}`,
    NO_CURSOR,
  ),
  "a cursor of no encoding": query(
    call.getBalances,
    { cursor: "*" },
    "balances?cursor=*",
    NO_CURSOR,
  ),
  "a cursor by its old name": inUrl(
    "logs?pagination_token=x",
    "invalid 'pagination_token' query param",
  ),
  "a cursor with company": query(
    call.listLogs,
    { cursor: "x", pageSize: 5 },
    "logs?cursor=x&pageSize=5",
    ALONE,
  ),
};

const FILTERS: Record<string, Refusal> = {
  "a balance of no number": query(
    call.listAccounts,
    { balance: "x" },
    "accounts?balance=x",
    NO_BALANCE,
  ),
  "a balance of a fraction": query(
    call.listAccounts,
    { balance: "1.5" },
    "accounts?balance=1.5",
    NO_BALANCE,
  ),
  "an operator that is none": query(
    call.listAccounts,
    { balance: "1", balanceOperator: 99 },
    "accounts?balance=1&balanceOperator=foo",
    "balanceOperator must be one of BALANCE_OPERATOR_UNSPECIFIED, BALANCE_OPERATOR_E, BALANCE_OPERATOR_NE, BALANCE_OPERATOR_GT, BALANCE_OPERATOR_GTE, BALANCE_OPERATOR_LT, BALANCE_OPERATOR_LTE",
    "invalid parameter 'balanceOperator', should be one of 'e, ne, gt, gte, lt, lte'",
  ),
  "a pattern that does not close": query(
    call.listTransactions,
    { account: "(" },
    "transactions?account=(",
    "invalid regular expression in 'account'",
  ),
  "a pattern to sum that does not close": query(
    call.getBalancesAggregated,
    { address: "[" },
    "aggregate/balances?address=[",
    "invalid regular expression in 'address'",
  ),
  "U+0000 in a pattern": query(
    call.listAccounts,
    { address: "a\0" },
    "accounts?address=a%00",
    "address must not contain U+0000",
  ),
  "U+0000 in a key of metadata": query(
    call.listTransactions,
    { metadata: { "a\0": "x" } },
    "transactions?metadata[a%00]=x",
    'metadata["a\\u0000"] must not contain U+0000',
  ),
  "a time that is none": inUrl("transactions?startTime=x", "invalid 'startTime' query param"),
  "a time that its zone takes beyond all years": query(
    call.listTransactions,
    { endTime: { seconds: 253_402_300_800n } },
    "transactions?endTime=9999-12-31T23:59:59-00:01",
    "invalid 'endTime': not a time from year 1 to 9999",
    "invalid 'endTime' query param",
  ),
  "a time that its zone takes before all years": query(
    call.listLogs,
    { startTime: { seconds: -62_135_596_801n } },
    "logs?startTime=0001-01-01T00:00:59%2B00:01",
    "invalid 'startTime': not a time from year 1 to 9999",
    "invalid 'startTime' query param",
  ),
  "a number below all": inUrl("transactions?after=-1", "invalid 'after' query param"),
  "an encoding that is none": inUrl(
    "transactions?reference=%ff",
    "invalid percent-encoding in the query: %ff",
  ),
};

const PATHS: Record<string, Refusal> = {
  "an address with a space": query(
    call.getAccount,
    { address: "a b" },
    "accounts/a%20b",
    NO_ADDRESS,
  ),
  "an address with U+0000": query(
    call.getAccount,
    { address: "a\0" },
    "accounts/a%00",
    "address must not contain U+0000",
  ),
  "an address that is not UTF-8": inUrl("accounts/%ff", NO_ENCODING),
  "a transaction of a name": inUrl("transactions/abc", NO_ID),
  "a transaction of a negative number": inUrl("transactions/-1", NO_ID),
  "a transaction of a fraction": inUrl("transactions/1.5", NO_ID),
  "a transaction beyond 64 bits": inUrl("transactions/18446744073709551616", NO_ID),
  "a ledger of a reserved name": ledger("_system", "_system", NO_NAME),
  "a ledger with a space": ledger("a b", "a%20b", NO_NAME),
  "a ledger with a slash": ledger("a/b", "a%2fb", NO_NAME),
  "a ledger with a dot": ledger("a.b", "a.b", NO_NAME),
  "a ledger without end": ledger("x".repeat(64), "x".repeat(64), NO_NAME),
  "a ledger without a name": ledger("", "", NO_NAME),
  "a ledger with U+0000": ledger("\0", "%00", "ledger must not contain U+0000"),
};

function ledger(name: string, inPath: string, says: string): Refusal {
  return { rpc: [call.readStats, { ledger: name }], rest: [`GET ../${inPath}/stats`], says };
}

test("a bad page or cursor is refused on every wire, and changes nothing", () =>
  expectRefusals(PAGES));

test("a bad filter is refused on every wire, and changes nothing", () => expectRefusals(FILTERS));

test("a bad name or number in a path is refused on every wire, and changes nothing", () =>
  expectRefusals(PATHS));
