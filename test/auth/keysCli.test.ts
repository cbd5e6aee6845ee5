import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { oidcAdapter } from "../../src/auth/oidc/adapter.js";
import { type Db, openDatabase } from "../../src/db/database.js";
import { placeOf } from "../../src/db/reencrypt.js";
import { encrypt } from "../../src/lib/encrypt.js";
import { testDatabaseUrl } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { CREDENTIALS, newDataDir, startProcess } from "../support/process.js";
import { logIn, serve, startAuth } from "./startAuth.js";

const newKey = () => randomBytes(32).toString("base64");

const bytesOf = (key: string) => Buffer.from(key, "base64");

/** Runs `florin` with these arguments. */
async function florin(env: NodeJS.ProcessEnv, ...args: string[]) {
  const run = promisify(execFile);
  const options = { env: { ...process.env, LOG_LEVEL: "warn", ...env } };
  return run(process.execPath, ["dist/cli.js", ...args], options).then(
    ({ stdout, stderr }) => ({ stdout, stderr, status: 0 }),
    ({ stdout, stderr, code }) => ({ stdout, stderr, status: code }),
  );
}

async function testDatabase(): Promise<{ url: string; db: Db }> {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.destroy());
  return { url, db };
}

const kidsAt = async (root: string) => {
  const { keys } = (await (await fetch(`${root}/keys`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
};

test("servers that run take up the keys that the command line makes", async () => {
  const env = {
    DATABASE_URL: await testDatabaseUrl(),
    ENCRYPTION_KEY: newKey(),
    BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
    BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
    PORT: "0",
    PUBLIC_URL: "http://florin.test",
  };
  const servers = await Promise.all([startProcess({ env }), startProcess({ env })]);
  const roots = servers.map(({ url }) => `${url}/api/auth`);
  const [one = "", other = ""] = roots;
  const [old = ""] = await kidsAt(one);
  const statusAtOther = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${other}/clients`, { headers })).status;
  };
  const oldToken = await logIn(one, CREDENTIALS);
  expect(await statusAtOther(oldToken)).toBe(200);

  const rotated = await florin(env, "keys", "rotate");
  expect(rotated).toMatchObject({ stderr: "", status: 0 });
  const [, kid = ""] =
    /^Key (\S+) is published, and signs from \S+Z on\. .*\n$/.exec(rotated.stdout) ?? [];
  await eventually(async () => {
    for (const root of roots) expect(await kidsAt(root)).toEqual([old, kid]);
  });

  const revoked = await florin(env, "keys", "rotate", "--revoke-old");
  const [, safe = ""] = /^Key (\S+) signs from now on\. .*\n$/.exec(revoked.stdout) ?? [];
  await eventually(async () => {
    for (const root of roots) expect(await kidsAt(root)).toEqual([safe]);
    expect(await statusAtOther(oldToken)).toBe(401);
  });
  expect(await statusAtOther(await logIn(one, CREDENTIALS))).toBe(200);
}, 120_000);

test("the encryption key changes while a server runs: first both, then the new one alone", async () => {
  const { url, db } = await testDatabase();
  const [older, newer] = [newKey(), newKey()];
  const token = await logIn(await serve(await startAuth(db, { encryptionKeys: [bytesOf(older)] })));
  const maria = { accountId: "maria" };
  const id = randomUUID();
  const sealed = encrypt([bytesOf(older)], Buffer.from("{}"), placeOf("connectors", id));
  await db("connectors").insert({ id, provider: "DUMMY-PAY", sealed, created_at: db.fn.now() });
  await oidcAdapter(db, [bytesOf(older)], "Session").upsert("live", maria, 600);
  await oidcAdapter(db, [randomBytes(32)], "Session").upsert("expired and lost", maria, 0);

  const running = await startAuth(db, { encryptionKeys: [bytesOf(newer), bytesOf(older)] });
  const env = { DATABASE_URL: url, ENCRYPTION_KEY: `${newer},${older}` };
  expect(await florin(env, "keys", "reencrypt")).toEqual({
    stdout:
      "oidc_records: 1 expired, deleted\nauth_keys: 3 re-encrypted\noidc_records: 1 re-encrypted\n" +
      "connectors: 1 re-encrypted\n" +
      "Everything is under the first key: servers can be started with that one alone.\n",
    stderr: "",
    status: 0,
  });
  expect(await running.verify(token)).toMatchObject({ ok: true });

  const alone = await startAuth(db, { encryptionKeys: [bytesOf(newer)] });
  expect(await alone.verify(token)).toMatchObject({ ok: true });
  expect(await oidcAdapter(db, [bytesOf(newer)], "Session").find("live")).toEqual(maria);
  await expect(startAuth(db, { encryptionKeys: [bytesOf(older)] })).rejects.toThrow(
    /ENCRYPTION_KEY does not open/,
  );
}, 60_000);

test("a key that is missing from the list is asked for, in one line", async () => {
  const { url, db } = await testDatabase();
  const [older, newer] = [newKey(), newKey()];
  await startAuth(db, { encryptionKeys: [bytesOf(older)] });
  const env = { DATABASE_URL: url, ENCRYPTION_KEY: newer };
  expect(await florin(env, "keys", "reencrypt")).toEqual({
    stdout: "auth_keys: 0 re-encrypted\noidc_records: 0 re-encrypted\nconnectors: 0 re-encrypted\n",
    stderr: expect.stringMatching(/^None of the keys opens 3 of auth_keys: .*\n$/),
    status: 1,
  });
  expect(await florin(env, "keys", "rotate")).toEqual({
    stdout: "",
    stderr: expect.stringMatching(/^ENCRYPTION_KEY does not open .*\n$/),
    status: 1,
  });
}, 60_000);

test("the key in the folder of the embedded database changes in the same way", async () => {
  const dataDir = await newDataDir();
  const env = { DATA_DIR: dataDir };
  const file = join(dataDir, "encryption.key");
  expect(await florin(env, "keys", "rotate")).toMatchObject({ stderr: "", status: 0 });
  const older = await readFile(file, "utf8");
  const newer = `${newKey()}\n`;
  await writeFile(file, `${newer.trim()},${older}`);
  expect(await florin(env, "keys", "reencrypt")).toMatchObject({
    stdout: expect.stringMatching(/^auth_keys: 5 re-encrypted\n/),
    status: 0,
  });
  await writeFile(file, older);
  expect((await florin(env, "keys", "rotate")).stderr).toMatch(/^ENCRYPTION_KEY does not open/);
  await writeFile(file, newer);
  expect(await florin(env, "keys", "rotate")).toMatchObject({ stderr: "", status: 0 });
}, 120_000);
