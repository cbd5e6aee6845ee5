import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { decrypt, encrypt } from "./encrypt.js";

const older = randomBytes(32);
const newer = randomBytes(32);
const plain = Buffer.from("sk_live_0123456789");

test("gives back what was encrypted, empty text included", () => {
  expect(decrypt([newer], encrypt([newer], plain, "keys:1"), "keys:1")).toEqual(plain);
  expect(decrypt([newer], encrypt([newer], Buffer.alloc(0), "keys:1"), "keys:1")).toHaveLength(0);
});

test("reads what the old key wrote, and writes with the new one", () => {
  const old = encrypt([older], plain, "keys:1");
  expect(decrypt([newer, older], old, "keys:1")).toEqual(plain);
  const fresh = encrypt([newer, older], plain, "keys:1");
  expect(decrypt([newer], fresh, "keys:1")).toEqual(plain);
  expect(decrypt([older], fresh, "keys:1")).toBeNull();
});

test("never writes the same bytes twice, nor the plain text", () => {
  const [first, second] = [encrypt([newer], plain, "keys:1"), encrypt([newer], plain, "keys:1")];
  expect(first).not.toEqual(second);
  expect(first.includes(plain)).toBe(false);
});

test("refuses what was moved to another place", () => {
  expect(decrypt([newer], encrypt([newer], plain, "keys:1"), "keys:2")).toBeNull();
});

test("refuses a change of any byte, and any shortening", () => {
  const sealed = encrypt([newer], plain, "keys:1");
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    expect(decrypt([newer], changed, "keys:1")).toBeNull();
    expect(decrypt([newer], sealed.subarray(0, at), "keys:1")).toBeNull();
  }
});
