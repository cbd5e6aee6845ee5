import { expect, test } from "vitest";
import { toMoney } from "./money.js";

test.each([
  ["1999", "usd", 1999n, "USD/2"],
  ["500", "jpy", 500n, "JPY"],
  ["5120", "kwd", 5120n, "KWD/3"],
  ["1045", "huf", 1045n, "HUF/2"],
  ["800", "twd", 800n, "TWD/2"],
  // Stripe counts whole ariary, ISO 4217 hundredths; of the króna and the Ugandan shilling it is the other way round.
  ["7", "mga", 700n, "MGA/2"],
  ["500", "isk", 5n, "ISK"],
  ["500", "ugx", 5n, "UGX"],
  ["-500", "UGX", -5n, "UGX"],
  ["9007199254740993", "eur", 9007199254740993n, "EUR/2"],
])("Stripe's %s %s are %s %s", (text, currency, amount, asset) => {
  expect(toMoney(text, currency)).toEqual({ ok: true, value: { amount, asset } });
});

test.each([
  ["1", "xyz", 'unknown currency "xyz"'],
  ["1", "", 'unknown currency ""'],
  ["1.5", "eur", "its amount is no integer"],
  ["", "eur", "its amount is no integer"],
  ["1e3", "eur", "its amount is no integer"],
  ["550", "isk", "its amount is finer than ISK"],
])("%o of %o are no money", (text, currency, failure) => {
  expect(toMoney(text, currency)).toEqual({ ok: false, failure });
});
