import { writeFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { secretFile } from "./secretFile.js";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "florin-secret-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("a secret is made once, and only its owner may read it", async () => {
  const path = join(await newFolder(), "data", "a.key");
  expect(await secretFile(path, () => "first")).toBe("first");
  expect(await secretFile(path, () => "second")).toBe("first");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a secret that another process makes meanwhile wins", async () => {
  const path = join(await newFolder(), "a.key");
  const make = () => {
    writeFileSync(path, "theirs", { mode: 0o600 });
    return "ours";
  };
  expect(await secretFile(path, make)).toBe("theirs");
});

test("all who make a secret at the same time get the same one", async () => {
  const folder = await newFolder();
  const path = join(folder, "a.key");
  const secrets = await Promise.all(
    Array.from({ length: 20 }, (_, index) => secretFile(path, () => `secret ${index}`)),
  );
  expect(new Set(secrets).size).toBe(1);
  expect(await readdir(folder)).toEqual(["a.key"]);
});

test("a secret that cannot be read is not replaced", async () => {
  const folder = await newFolder();
  await expect(secretFile(folder, () => "new")).rejects.toThrow("EISDIR");
});

test.each([0o640, 0o604, 0o602])(
  "a secret that others may use is refused: mode %o",
  async (mode) => {
    const path = join(await newFolder(), "a.key");
    await secretFile(path, () => "kept");
    await chmod(path, mode);
    await expect(secretFile(path, () => "new")).rejects.toThrow(
      `(mode 0${mode.toString(8)}): chmod 600`,
    );
  },
);
