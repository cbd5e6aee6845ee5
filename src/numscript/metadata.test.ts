import { expect, test } from "vitest";
import { readStored } from "./metadata.js";
import { parseValue } from "./parseValue.js";
import { type Type, valueJson, valueText } from "./value.js";

const read = (type: Type, stored: unknown): string | null => {
  const value = readStored(stored, type);
  return value.ok ? valueText(value.value) : null;
};

test.each<[Type, unknown, string]>([
  ["account", "users:9", "users:9"],
  ["account", { type: "account", value: "users:9" }, "users:9"],
  ["string", { type: "string", value: "vip" }, "vip"],
  ["number", "12", "12"],
  ["number", { type: "number", value: -3 }, "-3"],
  ["number", { type: "number", value: "9007199254740993" }, "9007199254740993"],
  ["monetary", "USD/2 5", "USD/2 5"],
  ["monetary", { type: "monetary", value: { asset: "USD/2", amount: 5 } }, "USD/2 5"],
  ["monetary", { asset: "USD/2", amount: "9007199254740993" }, "USD/2 9007199254740993"],
  ["portion", "3/40", "3/40"],
  ["portion", { type: "portion", value: "7.5%" }, "3/40"],
  ["portion", { type: "portion", value: { remaining: false, specific: "3/20" } }, "3/20"],
  ["portion", { remaining: false, specific: "3/20" }, "3/20"],
  ["portion", { type: "portion", value: { remaining: false, specific: "1" } }, "1/1"],
])("reads the %s %j", (type, stored, text) => {
  expect(read(type, stored)).toBe(text);
});

test.each<[Type, unknown]>([
  ["number", { type: "string", value: "12" }],
  ["number", 9007199254740992],
  ["number", 1.5],
  ["number", null],
  ["account", 7],
  ["string", { text: "vip" }],
  ["monetary", { asset: "USD/2" }],
  ["monetary", { asset: "USD/2", amount: 1e21 }],
  ["portion", { remaining: true, specific: "1/2" }],
  ["portion", ["1/2"]],
])("does not read the %s %j", (type, stored) => {
  expect(read(type, stored)).toBeNull();
});

test.each<[Type, string]>([
  ["account", "users:9"],
  ["asset", "USD/2"],
  ["number", "9007199254740993"],
  ["monetary", "USD/2 9007199254740993"],
  ["portion", "3/20"],
  ["portion", "0/1"],
  ["portion", "1/1"],
  ["string", "vip client"],
])("reads back the %s %s as a script writes it", (type, text) => {
  const value = parseValue(type, text);
  if (!value.ok) throw new Error(value.failure.reason);
  const written = JSON.stringify(valueJson(value.value), (_key, member) =>
    typeof member === "bigint" ? `${member}` : member,
  );
  expect(readStored(JSON.parse(written), type)).toEqual(value);
});
