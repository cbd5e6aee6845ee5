import { test, vi } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { expectRefusals, type Refusal } from "./support/refusals.js";

vi.setConfig({ testTimeout: 60_000 });

const call = LedgerService.method;
const ledger = "main";

interface Posting {
  readonly source: string;
  readonly destination: string;
  readonly asset: string;
  /** As it stands in REST's JSON. */
  readonly amount: string;
}

const GOOD: Posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "1" };

const restBody = ({ source, destination, asset, amount }: Posting, others = "") =>
  `{"postings":[{"source":${JSON.stringify(source)},"destination":${JSON.stringify(destination)},"asset":${JSON.stringify(asset)},"amount":${amount}}]${others}}`;

/** A transaction of one posting, `GOOD` but for `change`. */
function posting(change: Partial<Posting>, says: string, restSays = says): Refusal {
  const changed = { ...GOOD, ...change };
  return {
    rpc: [call.createTransaction, { ledger, transaction: { postings: [changed] } }],
    rest: ["POST transactions", restBody(changed)],
    says,
    restSays,
  };
}

/** `GOOD` in a transaction with `others`, which as REST is the member `rest`; null if JSON cannot say it. */
function transaction(
  others: Record<string, unknown>,
  rest: string | null,
  says: string,
  restSays = says,
): Refusal {
  return {
    rpc: [call.createTransaction, { ledger, transaction: { postings: [GOOD], ...others } }],
    ...(rest !== null && { rest: ["POST transactions", restBody(GOOD, `,${rest}`)] }),
    says,
    restSays,
  };
}

/** Objects within each other, `depth` in all. */
function nested(depth: number): object {
  return depth === 1 ? {} : { a: nested(depth - 1) };
}

/** A transaction that only JSON can say. */
function inRest(member: string, says: string): Refusal {
  return { rest: ["POST transactions", restBody(GOOD, `,${member}`)], says };
}

const NOT_AN_INTEGER = "invalid transaction format: postings[0].amount must be an integer";
const BAD_AMOUNT = "invalid posting 0: invalid amount";
const BAD_SOURCE = "invalid posting 0: invalid source address";
const BAD_DESTINATION = "invalid posting 0: invalid destination address";
const BAD_ASSET = "invalid posting 0: invalid asset";

const POSTINGS: Record<string, Refusal> = {
  "a negative amount": posting({ amount: "-1" }, "invalid posting 0: negative amount"),
  "a negative amount without end": posting(
    { amount: `-${"9".repeat(50)}` },
    "invalid posting 0: negative amount",
  ),
  "a fraction": posting({ amount: "1.5" }, BAD_AMOUNT, NOT_AN_INTEGER),
  "an integer written as a fraction": posting({ amount: "1.0" }, BAD_AMOUNT, NOT_AN_INTEGER),
  "an integer with an exponent": posting({ amount: "1e3" }, BAD_AMOUNT, NOT_AN_INTEGER),
  "an amount in quotes": posting({ amount: '"5"' }, BAD_AMOUNT, NOT_AN_INTEGER),
  "a truth for an amount": posting({ amount: "true" }, BAD_AMOUNT, NOT_AN_INTEGER),
  "an object for an amount": posting({ amount: '{"value":1}' }, BAD_AMOUNT, NOT_AN_INTEGER),
  "a hexadecimal amount": posting(
    { amount: "0x10" },
    BAD_AMOUNT,
    'invalid transaction format: unexpected "x" at position 81',
  ),
  "an amount without a number": posting(
    { amount: "NaN" },
    BAD_AMOUNT,
    'invalid transaction format: unexpected "N" at position 80',
  ),
  "no amount in REST": {
    rest: ["POST transactions", restBody({ ...GOOD, amount: "null" })],
    says: "invalid posting 0: no amount",
  },
  "no amount in RPC": {
    rpc: [call.createTransaction, { ledger, transaction: { postings: [{ ...GOOD, amount: "" }] } }],
    says: "invalid posting 0: no amount",
  },
  "more digits than can be stored": posting(
    { amount: "9".repeat(100_001) },
    "invalid posting 0: amount too large",
  ),
  "no source": posting({ source: "" }, BAD_SOURCE),
  "a source with a space": posting({ source: "users 1" }, BAD_SOURCE),
  "a source with a line break": posting({ source: "users:1\n" }, BAD_SOURCE),
  "a source with an empty segment": posting({ source: "users::1" }, BAD_SOURCE),
  "a source that begins with a colon": posting({ source: ":users" }, BAD_SOURCE),
  "a source with SQL": posting({ source: "users'; drop table ledgers; --" }, BAD_SOURCE),
  "a source in another alphabet": posting({ source: "usérs" }, BAD_SOURCE),
  "a source without end": posting({ source: "u".repeat(1025) }, BAD_SOURCE),
  "a destination that ends with a colon": posting({ destination: "users:" }, BAD_DESTINATION),
  "no destination": posting({ destination: "" }, BAD_DESTINATION),
  "no asset": posting({ asset: "" }, BAD_ASSET),
  "an asset in lower case": posting({ asset: "eur" }, BAD_ASSET),
  "an asset with a slash and no scale": posting({ asset: "EUR/" }, BAD_ASSET),
  "an asset with a scale too long": posting({ asset: "EUR/1234567" }, BAD_ASSET),
  "an asset with a name too long": posting({ asset: "E".repeat(18) }, BAD_ASSET),
  "an asset with a line break": posting({ asset: "EUR/2\n" }, BAD_ASSET),
  "U+0000 in a source": posting(
    { source: "a\0" },
    "transaction.postings[0].source must not contain U+0000",
  ),
};

const NOT_A_TIME = "invalid 'timestamp': not a time from year 1 to 9999";
const NOT_RFC_3339 =
  'invalid transaction format: timestamp must be an RFC 3339 date-time with a zone, from year 1 to 9999 in UTC, e.g. "2023-07-10T12:00:00Z"';
const PAYLOAD = "invalid payload: should contain either postings or script";

const TRANSACTIONS: Record<string, Refusal> = {
  "no transaction": {
    rpc: [call.createTransaction, { ledger }],
    rest: ["POST transactions"],
    says: PAYLOAD,
  },
  "no postings": {
    rpc: [call.createTransaction, { ledger, transaction: { postings: [] } }],
    rest: ["POST transactions", '{"postings":[]}'],
    says: PAYLOAD,
  },
  "postings and a script": transaction(
    { script: { plain: "send [COIN 1] (source = @world destination = @users)" } },
    '"script":{"plain":"send [COIN 1] (source = @world destination = @users)"}',
    PAYLOAD,
  ),
  "a second posting that is bad": {
    rpc: [
      call.createTransaction,
      { ledger, transaction: { postings: [GOOD, { ...GOOD, asset: "x" }] } },
    ],
    rest: [
      "POST transactions",
      restBody(GOOD).replace("]}", ',{"source":"a","destination":"b","asset":"x","amount":1}]}'),
    ],
    says: "invalid posting 1: invalid asset",
  },
  "a time beyond all years": transaction(
    { timestamp: { seconds: 10n ** 15n, nanos: 0 } },
    '"timestamp":"31690708-02-10T00:00:00Z"',
    NOT_A_TIME,
    NOT_RFC_3339,
  ),
  "a time that its zone takes beyond all years": transaction(
    { timestamp: { seconds: 253_402_300_800n } },
    '"timestamp":"9999-12-31T23:59:59-00:01"',
    NOT_A_TIME,
    NOT_RFC_3339,
  ),
  "a time that its zone takes before all years": transaction(
    { timestamp: { seconds: -62_135_596_801n } },
    '"timestamp":"0001-01-01T00:00:59+00:01"',
    NOT_A_TIME,
    NOT_RFC_3339,
  ),
  "a time with a negative fraction": transaction(
    { timestamp: { seconds: 1n, nanos: -1 } },
    null,
    NOT_A_TIME,
  ),
  "a time in words": inRest('"timestamp":"yesterday"', NOT_RFC_3339),
  "a time without a zone": inRest('"timestamp":"2023-07-10T12:00:00"', NOT_RFC_3339),
  "a day that February has not": inRest('"timestamp":"2023-02-30T00:00:00Z"', NOT_RFC_3339),
  "a number for a time": inRest('"timestamp":1688990400', NOT_RFC_3339),
  "a number for a reference": inRest(
    '"reference":5',
    "invalid transaction format: reference must be a string",
  ),
  "a reference without end": transaction(
    { reference: "é".repeat(513) },
    `"reference":"${"é".repeat(513)}"`,
    "invalid reference: longer than 1024 bytes",
  ),
  "U+0000 in a reference": transaction(
    { reference: "a\0" },
    '"reference":"a\\u0000"',
    "transaction.reference must not contain U+0000",
  ),
  "U+0000 deep in metadata": transaction(
    { metadata: { a: [{ b: "\0" }] } },
    '"metadata":{"a":[{"b":"\\u0000"}]}',
    'transaction.metadata["a"][0]["b"] must not contain U+0000',
  ),
  "half a surrogate pair in a key of metadata": inRest(
    '"metadata":{"\\ud800":1}',
    'transaction.metadata["\\ud800"] must not contain half a surrogate pair',
  ),
  "a list for metadata": inRest(
    '"metadata":[]',
    "invalid transaction format: metadata must be an object",
  ),
  "a number in metadata that no double holds": transaction(
    { metadata: { a: Number.POSITIVE_INFINITY } },
    '"metadata":{"a":1e400}',
    "invalid metadata format",
    "invalid transaction format: metadata.a is a number out of range",
  ),
  "no number in metadata": transaction(
    { metadata: { a: Number.NaN } },
    null,
    "invalid metadata format",
  ),
  "metadata deeper than protobuf's readers go": transaction(
    { metadata: nested(31) },
    `"metadata":${JSON.stringify(nested(31))}`,
    "invalid metadata format",
  ),
  "an idempotency key without end": {
    rpc: [
      call.createTransaction,
      { ledger, transaction: { postings: [GOOD] }, idempotencyKey: "k".repeat(256) },
    ],
    says: "invalid idempotency key: it must have 1 to 255 characters",
  },
  "a preview that is neither yes nor no": {
    rest: ["POST transactions?preview=maybe", restBody(GOOD)],
    says: "invalid 'preview' query param",
  },
  "an empty batch": {
    rpc: [call.createTransactions, { ledger }],
    rest: ["POST transactions/batch", '{"transactions":[]}'],
    says: "no transaction to insert",
  },
  "a batch with a bad posting at its end": {
    rpc: [
      call.createTransactions,
      { ledger, transactions: [{ postings: [GOOD] }, { postings: [{ ...GOOD, amount: "-1" }] }] },
    ],
    rest: [
      "POST transactions/batch",
      `{"transactions":[${restBody(GOOD)},${restBody({ ...GOOD, amount: "-1" })}]}`,
    ],
    says: "invalid transaction 1: posting 0: negative amount",
  },
};

/** A mapping of one contract, whose expression is the JSON text `expr`. */
const contract = (expr: string, says: string, account = "users:*"): Refusal => ({
  rpc: [call.updateMapping, { ledger, mapping: { contracts: [{ account, expr }] } }],
  rest: ["PUT mapping", `{"contracts":[{"account":${JSON.stringify(account)},"expr":${expr}}]}`],
  says: `invalid contract 0: ${says}`,
});

const MAPPINGS: Record<string, Refusal> = {
  "an expression of nothing": contract("{}", "expr must be an object with one key"),
  "an expression of two": contract('{"$and":[],"$or":[]}', "expr must be an object with one key"),
  "an operator that is none": contract(
    '{"$no":[1,2]}',
    "expr.$no is no operator: $and, $or, $eq, $gt, $gte, $lt and $lte are",
  ),
  "a comparison of one": contract('{"$gte":["$balance"]}', "expr.$gte must have two values"),
  "a fraction to compare with": contract(
    '{"$gte":["$balance",0.5]}',
    "expr.$gte[1] must be an integer",
  ),
  "a value for an expression": contract('"$balance"', "expr must be an object with one key"),
  "expressions without end": {
    ...contract(
      `${'{"$and":['.repeat(90)}${"]}".repeat(90)}`,
      "expr is no JSON: nested deeper than 100 levels at position 450",
    ),
    restSays: "invalid mapping format: nested deeper than 100 levels at position 482",
  },
  "U+0000 in an account": {
    ...contract('{"$and":[]}', "", "a\0"),
    says: "mapping.contracts[0].account must not contain U+0000",
  },
};

test("a bad mapping is refused on every wire, naming what is wrong, and changes nothing", () =>
  expectRefusals(MAPPINGS));

test("a bad posting is refused on every wire, naming what is wrong, and changes nothing", () =>
  expectRefusals(POSTINGS));

test("a bad transaction is refused on every wire, naming what is wrong, and changes nothing", () =>
  expectRefusals(TRANSACTIONS));
