import { expect, test } from "vitest";
import { type ConfigField, completeConfig, maskConfig, printConfig, readConfig } from "./config.js";

const FIELDS: readonly ConfigField[] = [
  {
    name: "apiKey",
    kind: "string",
    isRequired: true,
    isSecret: true,
    complaint: "missing api key",
  },
  { name: "certificate", kind: "long string", isRequired: false, isSecret: true },
  { name: "login", kind: "string", isRequired: true },
  { name: "period", kind: "duration ns", isRequired: false, fallback: 120n },
  { name: "pageSize", kind: "unsigned integer", isRequired: false, fallback: 10n },
];
const GOOD = { apiKey: "sk_test_0123456789", login: "me" };

test("what is not given has its default, and what is not known is left out", () => {
  expect(completeConfig(FIELDS, { ...GOOD, pageSize: 0n, other: "x" })).toEqual({
    ok: true,
    value: { ...GOOD, certificate: "", period: 120n, pageSize: 10n },
  });
});

test.each([
  [{}, "missing api key"],
  [{ apiKey: "sk" }, "missing login from config"],
  [{ ...GOOD, period: -1n }, "period must be greater than 0"],
  [{ ...GOOD, apiKey: "***6789" }, "apiKey is masked: send the secret itself"],
  [{ ...GOOD, certificate: "***" }, "certificate is masked: send the secret itself"],
])("refuses %o", (given, problem) => {
  expect(completeConfig(FIELDS, given)).toEqual({
    ok: false,
    failure: { kind: "invalid-config", problem },
  });
});

test("a secret shows its last four characters, a short one and a key nothing", () => {
  expect(maskConfig(FIELDS, { ...GOOD, certificate: "-----BEGIN" })).toEqual({
    apiKey: "***6789",
    certificate: "***",
    login: "me",
  });
  expect(maskConfig(FIELDS, { apiKey: "01234567890" })).toEqual({ apiKey: "***" });
});

test("a stored configuration is read back as it was", () => {
  const values = { ...GOOD, certificate: "a\nb", period: 10n ** 18n, pageSize: 7n };
  expect(readConfig(FIELDS, printConfig(values))).toEqual(values);
  expect(readConfig(FIELDS, "{}")).toMatchObject({ apiKey: "", period: 120n });
});
