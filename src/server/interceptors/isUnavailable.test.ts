import { expect, test } from "vitest";
import { isUnavailable } from "./isUnavailable.js";

const coded = (code: string, syscall?: string) =>
  Object.assign(new Error("refused"), { code, ...(syscall && { syscall }) });

test("servers that go, come or are full, and sockets that lead nowhere, are unavailable", () => {
  for (const code of ["57P01", "57P02", "57P03", "53300", "08006", "ECONNREFUSED", "EPIPE"]) {
    expect(isUnavailable(coded(code)), code).toBe(true);
  }
  expect(isUnavailable(coded("ENOENT", "connect"))).toBe(true);
});

test("lost connections are known by what pg and knex say of them", () => {
  for (const message of [
    "Connection terminated unexpectedly",
    "select 1 - Connection terminated",
    "timeout expired",
    "Client has encountered a connection error and is not queryable",
  ]) {
    expect(isUnavailable(new Error(message)), message).toBe(true);
  }
});

test("a fault of ours is not", () => {
  expect(isUnavailable(coded("23505"))).toBe(false);
  expect(isUnavailable(coded("42601"))).toBe(false);
  expect(isUnavailable(coded("ENOENT", "open"))).toBe(false);
  expect(isUnavailable(new TypeError("x is not a function"))).toBe(false);
  expect(isUnavailable("Connection terminated")).toBe(false);
});
