import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { tellApart } from "./tellApart.js";

/** Polls in a row, each a listing of "<id> <transaction reference> <classification>"; answers what they were called. */
function poll(...listings: (readonly string[])[]) {
  let state: object | undefined;
  return listings.map((listing) => {
    const apart = tellApart(state);
    const references = listing.map((line) => {
      const [paymentId, transactionReference, classification] = line.split(" ");
      const transfer = { amount: { currency: "EUR", amount: 1 } };
      const payment = { paymentId, transactionReference, classification, transfer };
      const told = apart.read(parseJson(JSON.stringify(payment)));
      return told.ok ? told.value.reference : told.failure;
    });
    state = apart.news().state ?? state;
    return references;
  });
}

test("payments that share a transaction reference are told apart, whichever comes first later", () => {
  expect(
    poll(
      ["one R Incoming", "two R Incoming", "three R Outgoing", "one R Incoming"],
      ["two R Incoming", "three R Outgoing", "one R Incoming"],
    ),
  ).toEqual([
    ["R", "two", "R", "R"],
    ["two", "R", "R"],
  ]);
});

test("a payment that has its transaction reference late is called as before", () => {
  expect(poll(["one  Incoming"], ["one R Incoming"], ["two R Incoming", "one R Incoming"])).toEqual(
    [["one"], ["one"], ["R", "one"]],
  );
});

test("two without a transaction reference are two", () => {
  expect(poll(["one  Incoming", "two  Incoming"])).toEqual([["one", "two"]]);
});

test("what has no id of its own goes by its transaction reference", () => {
  expect(poll(["  Incoming", " R Incoming"])).toEqual([["", "R"]]);
});

test("the state is told when it has grown, and not again", () => {
  const apart = tellApart({ byOwnId: ["one"] });
  const read = (paymentId: string) => apart.read(parseJson(JSON.stringify({ paymentId, ...EUR })));
  expect([read("one"), apart.news()].at(1)).toEqual({});
  expect([read("two"), apart.news()].at(1)).toEqual({ state: { byOwnId: ["one", "two"] } });
  expect(apart.news()).toEqual({});
});

const EUR = { transfer: { amount: { currency: "EUR", amount: 1 } } };
