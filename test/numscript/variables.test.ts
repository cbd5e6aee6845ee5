import { expect, test } from "vitest";
import { outcomeOf, runScript, textsOf } from "./books.js";

const script = `
  vars {
    account $sale
    account $seller = meta($sale, "seller")
    portion $cut = meta($seller, "cut")
    monetary $due = overdraft($seller, EUR/2)
    asset $unit = get_asset($due)
    number $cents = get_amount($due) + 1
  }
  set_tx_meta("seller", $seller)
  set_tx_meta("cut", $cut)
  set_tx_meta("unit", $unit)
  set_tx_meta("cents", $cents)`;

const ledger = {
  balances: { "users:9 EUR/2": -12n },
  metadata: {
    "sales:1": { seller: { type: "account", value: "users:9" } },
    "users:9": { cut: "7.5%" },
  },
};

test("an origin may use what was declared before it", () => {
  const { transactionMetadata } = outcomeOf(script, { ...ledger, variables: { sale: "sales:1" } });
  expect(textsOf(transactionMetadata)).toEqual({
    seller: "users:9",
    cut: "3/40",
    unit: "EUR/2",
    cents: "13",
  });
});

test("an origin wins over what the caller gives, which version 1 refuses", () => {
  const variables = { sale: "sales:1", seller: "thief" };
  expect(textsOf(outcomeOf(script, { ...ledger, variables }).transactionMetadata)).toMatchObject({
    seller: "users:9",
  });
  expect(runScript(script, { ...ledger, variables, isStrict: true })).toMatchObject({
    refusal: { kind: "extraneous-variable", name: "seller" },
  });
});

test("what the caller gives is judged before what the ledger knows", () => {
  const late = 'vars { account $a = meta(@nobody, "k") number $n } print $n';
  expect(runScript(late)).toMatchObject({ refusal: { kind: "missing-variable", name: "n" } });
  expect(runScript(late, { variables: { n: "1" } })).toMatchObject({
    refusal: { kind: "metadata-not-found" },
  });
});

test("every function has a feature of its own, and another one to stand outside of vars", () => {
  const inVars = "vars { monetary $x = overdraft(@a, COIN) } print $x";
  expect(runScript(inVars, { features: [] })).toMatchObject({
    refusal: { feature: "experimental-overdraft-function" },
  });
  expect(runScript(inVars, { features: ["experimental-overdraft-function"] }).kind).toBe("done");
  const outside = "print overdraft(@a, COIN)";
  expect(runScript(outside, { features: ["experimental-overdraft-function"] })).toMatchObject({
    refusal: { feature: "experimental-mid-script-function-call" },
  });
  const declared = `#![feature("experimental-overdraft-function", "experimental-mid-script-function-call")]\n`;
  expect(runScript(declared + outside, { features: [] }).kind).toBe("done");
  const bare = "vars { monetary $x = [COIN 5] } print $x";
  expect(runScript(bare, { features: [] })).toMatchObject({
    refusal: { feature: "experimental-mid-script-function-call" },
  });
});

test("metadata is kept in the order of the first writes, and the last write wins", () => {
  const { accountMetadata } = outcomeOf(`
    set_account_meta(@b, "k", 1)
    set_account_meta(@a, "k", "one")
    set_account_meta(@b, "k", 2)
    set_account_meta(@b, "l", COIN)`);
  expect([...accountMetadata].map(([account, values]) => [account, textsOf(values)])).toEqual([
    ["b", { k: "2", l: "COIN" }],
    ["a", { k: "one" }],
  ]);
});
