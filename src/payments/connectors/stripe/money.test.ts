import { expect, test } from "vitest";
import { toMoney, toStripeUnits } from "./money.js";

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

test.each([
  [1999n, "USD", 1999n],
  [5n, "ISK", 500n],
  [700n, "MGA", 7n],
  [500n, "JPY", 500n],
  [10n ** 30n, "EUR", 10n ** 30n],
])("%s minor units of %s are Stripe's %s, and back", (amount, currency, units) => {
  expect(toStripeUnits(amount, currency)).toEqual({ ok: true, value: units });
  if (units < 10n ** 30n)
    expect(toMoney(String(units), currency)).toMatchObject({ value: { amount } });
});

test.each([
  [701n, "MGA", "amount is finer than what Stripe counts MGA in"],
  [1n, "XYZ", 'unknown currency "XYZ"'],
])("%s minor units of %s are nothing to Stripe", (amount, currency, failure) => {
  expect(toStripeUnits(amount, currency)).toEqual({ ok: false, failure });
});
