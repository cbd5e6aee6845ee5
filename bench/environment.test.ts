import { expect, test } from "vitest";
import { requireDurable } from "./environment.js";

const durable = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };

test("a database that may lose what it acknowledged is not measured", () => {
  expect(() => requireDurable(durable)).not.toThrow();
  expect(() => requireDurable({ ...durable, fsync: "off" })).toThrow("fsync is off");
  expect(() => requireDurable({ ...durable, synchronous_commit: "local" })).toThrow("is local");
  expect(() => requireDurable({})).toThrow("fsync is undefined");
});
