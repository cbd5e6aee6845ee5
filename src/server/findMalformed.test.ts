import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { ListValueSchema, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { BalanceOperator } from "../../gen/florin/ledger/v1/account_pb.js";
import {
  CreateTransactionsRequestSchema,
  ListAccountsRequestSchema,
} from "../../gen/florin/ledger/v1/ledger_pb.js";
import { NewTransactionSchema } from "../../gen/florin/ledger/v1/transaction_pb.js";
import { ServerReflectionRequestSchema } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { findMalformed } from "./findMalformed.js";

const find = <D extends DescMessage>(desc: D, init: MessageInitShape<D>) =>
  findMalformed(desc, create(desc, init));

const NUL = "must not contain U+0000";
const HALF = "must not contain half a surrogate pair";

test("what PostgreSQL can store is let pass: emoji, control characters, private and last code points", () => {
  const text = "💶 \u0001\t\n\u007f\ue000\uffff\u{10ffff} é";
  expect(
    find(NewTransactionSchema, {
      reference: text,
      postings: [{ source: text, destination: text }],
      script: { plain: text, vars: { [text]: text } },
      metadata: { [text]: { a: [text, 1, null, true] } },
    }),
  ).toBeNull();
  expect(find(NewTransactionSchema, {})).toBeNull();
});

test("U+0000 and halves of surrogate pairs are told apart", () => {
  const find1 = (reference: string) => find(NewTransactionSchema, { reference })?.problem;
  expect(find1("a\0b")).toBe(NUL);
  expect(find1("\ud83d")).toBe(HALF);
  expect(find1("\udcb6\ud83d")).toBe(HALF);
});

test("the place is named, in lists, maps, JSON and messages within messages", () => {
  const good = { source: "world", destination: "users:1" };
  const bad = { source: "world", destination: "users\0" };
  expect(
    find(CreateTransactionsRequestSchema, {
      transactions: [{ postings: [good] }, { postings: [good, bad] }],
    }),
  ).toEqual({ path: "transactions[1].postings[1].destination", problem: NUL });
  expect(find(NewTransactionSchema, { script: { vars: { rate: "\ud800" } } })).toEqual({
    path: 'script.vars["rate"]',
    problem: HALF,
  });
  expect(find(NewTransactionSchema, { metadata: { a: { b: ["fine", "\0"] } } })).toEqual({
    path: 'metadata["a"]["b"][1]',
    problem: NUL,
  });
});

test("keys are looked at, of maps and of objects in JSON", () => {
  expect(find(NewTransactionSchema, { script: { vars: { "a\0": "" } } })?.path).toBe(
    'script.vars["a\\u0000"]',
  );
  expect(find(NewTransactionSchema, { metadata: { a: [{ "b\udfff": 1 }] } })?.path).toBe(
    'metadata["a"][0]["b\\udfff"]',
  );
});

test("the number of no value of an enum is told, with the values there are", () => {
  expect(find(ListAccountsRequestSchema, {})).toBeNull();
  expect(find(ListAccountsRequestSchema, { balanceOperator: BalanceOperator.LTE })).toBeNull();
  expect(find(ListAccountsRequestSchema, { balanceOperator: 99 as BalanceOperator })).toEqual({
    path: "balanceOperator",
    problem: expect.stringMatching(/^must be one of BALANCE_OPERATOR_UNSPECIFIED, BALANCE_/),
  });
});

test("members of a oneof are looked at, those alone that are set", () => {
  const request = (value: string) =>
    find(ServerReflectionRequestSchema, { messageRequest: { case: "listServices", value } });
  expect(request("*")).toBeNull();
  expect(request("\0")).toEqual({ path: "listServices", problem: NUL });
});

test("types that contain themselves are followed to the ground", () => {
  const text = (value: string) => create(ValueSchema, { kind: { case: "stringValue", value } });
  const list = create(ListValueSchema, { values: [text("fine"), text("\0")] });
  const struct = create(StructSchema, {
    fields: { a: create(ValueSchema, { kind: { case: "listValue", value: list } }) },
  });
  expect(findMalformed(StructSchema, struct)?.path).toBe(
    'fields["a"].listValue.values[1].stringValue',
  );
});
