import { expect, test } from "vitest";
import { hashSecret, isSecret, newSecret } from "./secrets.js";

const pepper = Buffer.alloc(32, 7);
const at = { clientId: "shop", id: "1" };
const stored = { ...at, hash: hashSecret(pepper, { ...at, secret: "correct horse" }) };

test("knows its secret and no other", () => {
  expect(isSecret(pepper, stored, "correct horse")).toBe(true);
  expect(isSecret(pepper, stored, "correct horse ")).toBe(false);
  expect(isSecret(pepper, stored, "")).toBe(false);
});

test("keeps equal secrets of two clients, two ids and two databases apart", () => {
  const secret = "correct horse";
  expect(hashSecret(pepper, { clientId: "bank", id: "1", secret })).not.toEqual(stored.hash);
  expect(hashSecret(pepper, { clientId: "shop", id: "2", secret })).not.toEqual(stored.hash);
  expect(hashSecret(Buffer.alloc(32, 8), { ...at, secret })).not.toEqual(stored.hash);
});

test("makes secrets of 256 bits that differ", () => {
  const secrets = new Set(Array.from({ length: 100 }, newSecret));
  expect(secrets.size).toBe(100);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
