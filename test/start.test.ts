import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, cp, mkdtemp, readdir, rm, symlink, utimes } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Account, canEnter, serverAccount } from "../src/db/embedded/account.js";
import { logIn } from "./auth/startAuth.js";
import { findPostgres, newDataDir, startProcess } from "./support/process.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const run = promisify(execFile);

/** A copy of the repository as a clone would have it, but for what npm would install. */
let clone: string;

beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), "florin-clone-"));
  const { stdout } = await run("git", ["ls-files", "-z", "-co", "--exclude-standard"]);
  // Git also names what was deleted, until that is committed.
  const files = stdout.split("\0").filter((file) => file !== "" && existsSync(file));
  for (const file of files) await cp(file, join(clone, file));
  await symlink(join(process.cwd(), "node_modules"), join(clone, "node_modules"));
  // As old as can be: what is installed is newer, so that nobody installs anything into our own.
  await utimes(join(clone, "package-lock.json"), 0, 0);
});

afterAll(() => rm(clone, { recursive: true }));

const isRoot = process.getuid?.() === 0;
const ordinary = isRoot ? await serverAccount("/nowhere") : null;

/** Everybody that we can start a server as. */
const people: { who: string; account: Account | null }[] = [
  { who: isRoot ? "root" : "an ordinary user", account: null },
  ...(ordinary && (await canEnter(process.cwd(), ordinary))
    ? [{ who: "an ordinary user", account: ordinary }]
    : []),
];

test.each(people)("npm start, the pasted curl line, and again, as $who", async ({ account }) => {
  const dataDir = await newDataDir();
  const PORT = String(await freePort());
  await give(account, clone, dataDir);
  const start = () =>
    startProcess({
      command: ["npm", "start"],
      cwd: clone,
      env: { DATA_DIR: dataDir, HOME: dataDir, PORT },
      account,
    });
  const paste = async (greeting: string) => {
    const [line = ""] = /^ *curl .*$/m.exec(greeting) ?? [];
    return JSON.parse((await run("sh", ["-c", line], { ...account })).stdout);
  };

  const first = await start();
  expect(first.url).toBe(`http://localhost:${PORT}`);
  const [, client_id = "", client_secret = ""] =
    /client id +(\S+)\n +client secret +(\S+)\n/.exec(first.greeting) ?? [];
  await logIn(`${first.url}/api/auth`, { client_id, client_secret });
  expect(await paste(first.greeting)).toMatchObject({
    data: [{ txid: 0, postings: [{ source: "world", destination: "users:alice" }] }],
  });
  expect(await first.end("SIGTERM")).toBe(0);
  expect(await findPostgres(dataDir)).toBeNull();

  const second = await start();
  expect(second.greeting).not.toContain("secret");
  expect(await paste(second.greeting)).toMatchObject({
    data: [{ txid: 1, preCommitVolumes: { "users:alice": { "EUR/2": { balance: 1999 } } } }],
  });
  expect(await second.end("SIGTERM")).toBe(0);
  expect(await findPostgres(dataDir)).toBeNull();
});

/** Makes `account` the owner of all that is in `folders`. */
async function give(account: Account | null, ...folders: string[]): Promise<void> {
  if (account === null) return;
  for (const folder of folders) {
    const inside = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = inside.filter((entry) => !entry.isSymbolicLink());
    const paths = [folder, ...files.map((entry) => join(entry.parentPath, entry.name))];
    for (const path of paths) await chown(path, account.uid, account.gid);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
