import { clone, create } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import {
  type Log,
  LogSchema,
  LogType,
  type NewTransactionLog,
  type SetMetadataLog,
  TargetIdSchema,
  TargetType,
} from "../../gen/florin/ledger/v1/log_pb.js";
import { clientOf, refusal } from "./client.js";
import { busyLedger, exported, importing, readAll } from "./importing.js";

type Tampering = (logs: Log[]) => void;

const change =
  (index: number, tamper: (log: Log) => void): Tampering =>
  (logs) => {
    const log = logs[index];
    if (log) tamper(log);
  };

const changeTransaction = (index: number, tamper: (log: NewTransactionLog) => void): Tampering =>
  change(index, ({ data }) => {
    if (data?.data.case === "newTransaction") tamper(data.data.value);
  });

const changeMetadata = (index: number, tamper: (log: SetMetadataLog) => void): Tampering =>
  change(index, ({ data }) => {
    if (data?.data.case === "setMetadata") tamper(data.data.value);
  });

const earlier = create(TimestampSchema, { seconds: 1n });

const address = (value: string) => create(TargetIdSchema, { id: { case: "address", value } });

const number = (value: bigint) => create(TargetIdSchema, { id: { case: "txid", value } });

/** What is done to a history, what it is refused with, and how it is done. */
const TAMPERINGS: readonly (readonly [string, string, Tampering])[] = [
  ["starts late", "log 1: log 0 is missing before it", (logs) => void logs.shift()],
  ["has a gap", "log 4: log 3 is missing before it", (logs) => void logs.splice(3, 1)],
  [
    "says one twice",
    "log 3: log 4 is missing before it",
    (logs) => void logs.splice(3, 0, ...logs.slice(3, 4)),
  ],
  [
    "changes an id",
    "log 9: log 3 is missing before it",
    change(3, (log) => {
      log.id = 9n;
    }),
  ],
  [
    "changes a hash",
    "log 3: its hash does not",
    change(3, (log) => {
      log.hash = "00";
    }),
  ],
  [
    "writes a hash in capitals",
    "log 0: its hash does not",
    change(0, (log) => {
      log.hash = log.hash.toUpperCase();
    }),
  ],
  [
    "changes the last date",
    "log 2: its hash does not",
    change(2, (log) => {
      log.date = earlier;
    }),
  ],
  [
    "has no date",
    "log 2: it has no good date",
    change(2, (log) => {
      delete log.date;
    }),
  ],
  [
    "has no data",
    "log 2: its data are not of its type",
    change(2, (log) => {
      delete log.data;
    }),
  ],
  [
    "changes a type",
    "log 2: its data are not of its type",
    change(2, (log) => {
      log.type = LogType.NEW_TRANSACTION;
    }),
  ],
  [
    "changes an amount",
    "log 1: its hash does not",
    changeTransaction(1, ({ postings: [posting] }) => {
      if (posting) posting.amount = "101";
    }),
  ],
  [
    "takes a negative amount",
    "log 1: posting 0: negative amount",
    changeTransaction(1, ({ postings: [posting] }) => {
      if (posting) posting.amount = "-1";
    }),
  ],
  [
    "has a bad address",
    "log 1: posting 2: invalid source address",
    changeTransaction(1, ({ postings }) => {
      if (postings[2]) postings[2].source = "b c";
    }),
  ],
  [
    "has no postings",
    "log 1: it has no postings",
    changeTransaction(1, (log) => {
      log.postings = [];
    }),
  ],
  [
    "changes metadata",
    "log 0: its hash does not",
    changeTransaction(0, (log) => {
      log.metadata = { a: 1 };
    }),
  ],
  [
    "changes a reference",
    "log 0: its hash does not",
    changeTransaction(0, (log) => {
      log.reference = "s";
    }),
  ],
  [
    "skips a transaction",
    "log 1: it has transaction 2 instead of 1",
    changeTransaction(1, (log) => {
      log.txid = 2n;
    }),
  ],
  [
    "uses a reference twice",
    "log 1: its reference is taken: r",
    changeTransaction(1, (log) => {
      log.reference = "r";
    }),
  ],
  [
    "has two dates",
    "log 1: its date is not the timestamp",
    changeTransaction(1, (log) => {
      log.timestamp = earlier;
    }),
  ],
  [
    "has a bad target",
    "log 2: invalid target",
    changeMetadata(2, (log) => {
      log.targetType = TargetType.TRANSACTION;
    }),
  ],
  [
    "has a bad target address",
    "log 2: invalid target",
    changeMetadata(2, (log) => {
      log.targetId = address("a b");
    }),
  ],
  [
    "notes a later transaction",
    "log 4: there is no transaction 2",
    changeMetadata(4, (log) => {
      log.targetId = number(2n);
    }),
  ],
  [
    "moves a note",
    "log 2: its hash does not",
    changeMetadata(2, (log) => {
      log.targetId = address("b");
    }),
  ],
];

test("a history that was tampered with is refused, told where, and leaves nothing", async () => {
  const client = clientOf(await busyLedger());
  const logs = await exported(client);
  for (const [what, message, tamper] of TAMPERINGS) {
    const tampered = logs.map((log) => clone(LogSchema, log));
    tamper(tampered);
    expect(await refusal(importing(client, "copy", tampered)), what).toMatchObject({
      code: Code.InvalidArgument,
      errorCode: "VALIDATION",
      reason: "INVALID_LOG",
      message: expect.stringContaining(message),
    });
    expect((await client.listLedgers({})).ledgers).toEqual(["main"]);
  }
  expect(await readAll(client, "copy")).toEqual(await readAll(client, "other"));
  expect(await importing(client, "copy", logs)).toMatchObject({ logs: 8n });
});
