import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepEncryptionKeys } from "./encryptionKeys.js";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "florin-keys-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("a key is made on the first start and kept", async () => {
  const folder = await newFolder();
  const [key, ...others] = await keepEncryptionKeys(folder);
  expect(key).toHaveLength(32);
  expect(others).toEqual([]);
  expect(await keepEncryptionKeys(folder)).toEqual([key]);
});

test("an operator may put a new key before the one that was made", async () => {
  const folder = await newFolder();
  const [old] = await keepEncryptionKeys(folder);
  const path = join(folder, "encryption.key");
  const fresh = Buffer.alloc(32, 7);
  await writeFile(path, `${fresh.toString("base64")},${await readFile(path, "utf8")}`);
  expect(await keepEncryptionKeys(folder)).toEqual([fresh, old]);
});

test("a file that holds something else is refused, not overwritten", async () => {
  const folder = await newFolder();
  const path = join(folder, "encryption.key");
  await writeFile(path, "nonsense");
  await expect(keepEncryptionKeys(folder)).rejects.toThrow(path);
  expect(await readFile(path, "utf8")).toBe("nonsense");
});
