import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ScriptTransactionSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import {
  NewTransactionSchema,
  type ScriptRuntime,
} from "../../gen/florin/ledger/v1/transaction_pb.js";
import { toApiError } from "../server/unwrap.js";
import {
  toCreate,
  toCreateAll,
  toInstant,
  toMetadata,
  toNumber,
  toRunScript,
} from "./convertCommand.js";
import { ledgerErrors } from "./errors.js";

type Sent = MessageInitShape<typeof NewTransactionSchema>;

const sent = (transaction: Sent) => create(NewTransactionSchema, transaction);

const PAYMENT = { source: "world", destination: "users:1", asset: "USD/2", amount: "100" };

/** The message that tells the failure of `result`. */
function messageOf(result: ReturnType<typeof toCreate>): string | null {
  return result.ok ? null : toApiError(result.failure, ledgerErrors).rawMessage;
}

test("a transaction is taken with all that was sent, to the microsecond", () => {
  const metadata = { note: "first" };
  const timestamp = { seconds: -1n, nanos: 999_999_999 };
  const transaction = sent({ postings: [PAYMENT], reference: "r", metadata, timestamp });
  expect(toCreate(transaction)).toEqual({
    ok: true,
    value: {
      kind: "create-transactions",
      transactions: [
        { postings: [{ ...PAYMENT, amount: 100n }], reference: "r", metadata, timestamp: -1n },
      ],
    },
  });
});

test.each<[string, Sent | undefined]>([
  ["invalid payload: should contain either postings or script", undefined],
  ["invalid payload: should contain either postings or script", {}],
  [
    "invalid payload: should contain either postings or script",
    { postings: [PAYMENT], script: { plain: "send" } },
  ],
  [
    "invalid runtime: should be one of 'machine, experimental-interpreter'",
    { script: { plain: "send", runtime: 3 as ScriptRuntime } },
  ],
  ["invalid posting 0: no amount", { postings: [{ ...PAYMENT, amount: "" }] }],
  ["invalid posting 0: negative amount", { postings: [{ ...PAYMENT, amount: "-1", source: "" }] }],
  [
    "invalid posting 1: invalid source address",
    { postings: [PAYMENT, { ...PAYMENT, source: "a b", asset: "" }] },
  ],
  ["invalid metadata format", { postings: [PAYMENT], metadata: { n: Number.NaN } }],
  [
    "invalid reference: longer than 1024 bytes",
    { postings: [PAYMENT], reference: "é".repeat(513) },
  ],
  [
    "invalid 'timestamp': not a time from year 1 to 9999",
    { postings: [PAYMENT], timestamp: { seconds: 253_402_300_800n } },
  ],
])("a transaction is refused: %s", (message, transaction) => {
  expect(messageOf(toCreate(transaction && sent(transaction)))).toBe(message);
});

test("a script without text is none", () => {
  expect(toCreate(sent({ postings: [PAYMENT], script: { plain: "" } })).ok).toBe(true);
});

test("a script is read before it is queued, well written or not", () => {
  const attributes = { reference: "r", metadata: { k: 1 }, timestamp: { seconds: 1n } };
  const plain = "// @version interpreter 0.0.15\nfail";
  const created = toCreate(sent({ script: { plain, vars: { a: "1" } }, ...attributes }));
  expect(created).toMatchObject({
    ok: true,
    value: {
      kind: "run-script",
      script: {
        text: plain,
        program: { ok: true, value: { isForInterpreter: true, statements: [{ kind: "fail" }] } },
        variables: new Map([["a", "1"]]),
        runtime: null,
      },
      reference: "r",
      metadata: { k: 1 },
      timestamp: 1_000_000n,
    },
  });
  const run = { plain, vars: { a: "1" }, ...attributes };
  expect(toRunScript(create(ScriptTransactionSchema, run))).toEqual(created);
  expect(toCreate(sent({ script: { plain: "send" } }))).toMatchObject({
    value: { script: { program: { ok: false } } },
  });
});

test.each<[string, Sent[]]>([
  ["no transaction to insert", []],
  ["invalid transaction 1: no postings", [{ postings: [PAYMENT] }, {}]],
  [
    "invalid transaction 1: posting 1: invalid asset",
    [{ postings: [PAYMENT] }, { postings: [PAYMENT, { ...PAYMENT, asset: "x" }] }],
  ],
  [
    "invalid transaction 0: a batch takes no scripts",
    [{ postings: [PAYMENT], script: { plain: "x" } }],
  ],
])("a batch is refused: %s", (message, transactions) => {
  expect(messageOf(toCreateAll(transactions.map(sent)))).toBe(message);
});

test("the first instant of the year 1 stands for no timestamp, and the last of 9999 is one", () => {
  const at = (seconds: bigint, nanos = 0) =>
    toInstant({ $typeName: "google.protobuf.Timestamp", seconds, nanos }, "time");
  expect(toInstant(undefined, "time")).toEqual({ ok: true, value: null });
  expect(at(-62_135_596_800n)).toEqual({ ok: true, value: null });
  expect(at(253_402_300_799n, 999_999_999)).toEqual({ ok: true, value: 253_402_300_799_999_999n });
  for (const wrong of [at(-62_135_596_801n), at(0n, -1), at(0n, 1_000_000_000)]) {
    expect(wrong).toEqual({ ok: false, failure: { kind: "invalid-time", field: "time" } });
  }
});

test("metadata may be thirty levels deep, which every protobuf reader can follow", () => {
  let deep: object = {};
  for (let level = 1; level < 30; level++) deep = { deep };
  expect(toMetadata(deep as never).ok).toBe(true);
  expect(toMetadata({ deep } as never).ok).toBe(false);
});

test("numbers beyond PostgreSQL's become one that nothing has", () => {
  expect(toNumber(7n)).toBe(7n);
  expect(toNumber(2n ** 64n - 1n)).toBe(2n ** 63n - 1n);
});
