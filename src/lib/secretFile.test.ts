import { writeFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isOpenToOthers, secretFile } from "./secretFile.js";

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

test.each([0o660, 0o604, 0o602])(
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

test.runIf(process.getuid?.() === 0).each([0o440, 0o640])(
  "a secret of root's that a group may read is taken: mode %o",
  async (mode) => {
    const path = join(await newFolder(), "a.key");
    await writeFile(path, "mounted", { mode });
    await chmod(path, mode);
    expect(await secretFile(path, () => "new")).toBe("mounted");
  },
);

test("only what is root's may be readable to a group, and nothing may be written by one", () => {
  const [root, florin] = [0, 1000];
  const open = (uid: number) =>
    [0o600, 0o400, 0o640, 0o440, 0o460, 0o620, 0o650, 0o604].filter((mode) =>
      isOpenToOthers({ uid, mode: 0o100_000 | mode }),
    );
  expect(open(root)).toEqual([0o460, 0o620, 0o650, 0o604]);
  expect(open(florin)).toEqual([0o640, 0o440, 0o460, 0o620, 0o650, 0o604]);
});
