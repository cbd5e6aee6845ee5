import { chown, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { serverAccount } from "../src/db/embedded/account.js";
import { newDataDir, startProcess } from "./support/process.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const isRoot = process.getuid?.() === 0;

/** On whose behalf the server runs, and what the folder that it makes of its data may be to others. */
const people = [
  { who: isRoot ? "root" : "an ordinary user", isOther: false, ofFolder: isRoot ? 0o711 : 0o700 },
  ...(isRoot ? [{ who: "an ordinary user", isOther: true, ofFolder: 0o700 }] : []),
];

/** A shell that makes all files open to everybody, unless whoever makes one says otherwise. */
const command = ["sh", "-c", `umask 000; exec "${process.execPath}" dist/main.js`];

test.each(people)("what $who keeps is nobody else's, whatever the umask", async (it) => {
  const parent = await newDataDir();
  const account = it.isOther ? await serverAccount(parent) : null;
  if (account !== null) await chown(parent, account.uid, account.gid);
  const dataDir = join(parent, "data");
  const server = await startProcess({ command, account, env: { DATA_DIR: dataDir, PORT: "0" } });
  await server.end("SIGTERM");

  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const open: string[] = [];
  let seen = 0;
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // PostgreSQL's programs are no secret, and lie in a folder that nobody else may enter.
    if (!(entry.isFile() || entry.isDirectory()) || path.includes("/native/")) continue;
    seen++;
    const mode = (await stat(path)).mode & 0o777;
    if ((mode & 0o077) !== 0) open.push(`${path} ${mode.toString(8)}`);
  }
  expect(open).toEqual([]);
  expect(seen).toBeGreaterThan(100);
  expect((await stat(dataDir)).mode & 0o777).toBe(it.ofFolder);
});

test("a start with an encryption key that others may read ends, and says why", async () => {
  const dataDir = await newDataDir();
  await writeFile(join(dataDir, "encryption.key"), "", { mode: 0o644 });
  const started = startProcess({ env: { DATA_DIR: dataDir, PORT: "0" } });
  await expect(started).rejects.toThrow("others may use the file (mode 0644): chmod 600 it");
});

test("a start on a database of others without an encryption key ends before it connects, and says why", async () => {
  const started = startProcess({
    env: {
      DATABASE_URL: "postgresql://127.0.0.1:1/nothing",
      DATA_DIR: await newDataDir(),
      PORT: "0",
    },
  });
  await expect(started).rejects.toThrow("ENCRYPTION_KEY is required with DATABASE_URL");
});
