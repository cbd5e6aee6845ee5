import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Auth } from "../../src/auth/auth.js";
import { firstClientFile } from "../../src/auth/firstClient.js";
import { loadAuthKeys } from "../../src/auth/keys/authKeys.js";
import { testDb } from "../support/database.js";
import { CLIENT, ENCRYPTION_KEY, logIn, requestToken, serve, startBareAuth } from "./startAuth.js";

const generated = { id: null, secret: null, folder: null };

/** The status of a login with these credentials. */
async function statusOf(auth: Auth, client_id: string, client_secret: string): Promise<number> {
  const form = { grant_type: "client_credentials", client_id, client_secret };
  return (await requestToken(await serve(auth), form)).status;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "florin-auth-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("processes that start at once on an empty database agree on keys and first client", async () => {
  const db = await testDb();
  const starts = Array.from({ length: 3 }, () => startBareAuth(db, { firstClient: generated }));
  const all = await Promise.all(starts);
  const credentials = all.flatMap(({ firstClient }) => firstClient ?? []);
  expect(credentials).toEqual([{ clientId: "florin", clientSecret: expect.any(String) }]);
  expect(await db("clients").pluck("id")).toEqual(["florin"]);
  expect(await db("auth_keys").orderBy("purpose").pluck("purpose")).toEqual([
    "cookies",
    "secrets",
    "tokens",
  ]);
  const [one, other] = all as [Auth, Auth];
  const { clientId: client_id = "", clientSecret: client_secret = "" } = credentials[0] ?? {};
  const token = await logIn(await serve(one), { client_id, client_secret });
  expect(await other.verify(token)).toMatchObject({ ok: true, value: { subject: "florin" } });
});

test("a restart keeps the keys and the first client, and tells no secret again", async () => {
  const db = await testDb();
  const first = await startBareAuth(db, { firstClient: generated });
  const { clientId = "", clientSecret = "" } = first.firstClient ?? {};
  const token = await logIn(await serve(first), {
    client_id: clientId,
    client_secret: clientSecret,
  });
  const second = await startBareAuth(db, { firstClient: generated });
  expect(second.firstClient).toBeNull();
  expect(await second.verify(token)).toMatchObject({ ok: true });
  expect(await statusOf(second, clientId, clientSecret)).toBe(200);
});

test("a first client that was deleted does not come back", async () => {
  const db = await testDb();
  await startBareAuth(db, { firstClient: generated });
  await db("clients").delete();
  expect((await startBareAuth(db, { firstClient: generated })).firstClient).toBeNull();
  expect(await db("clients")).toEqual([]);
});

test("a configured secret works from the start on, and replaces the one before", async () => {
  const db = await testDb();
  const auth = await startBareAuth(db, { firstClient: { ...CLIENT, folder: null } });
  expect(auth.firstClient).toBeNull();
  expect(await statusOf(auth, CLIENT.id, CLIENT.secret)).toBe(200);
  await startBareAuth(db, {
    firstClient: { ...CLIENT, secret: "another good secret", folder: null },
  });
  expect(await statusOf(auth, CLIENT.id, CLIENT.secret)).toBe(401);
  expect(await statusOf(auth, CLIENT.id, "another good secret")).toBe(200);
});

test("a generated secret is written where only the owner may read it, ready to log in", async () => {
  const folder = await temporaryFolder();
  const auth = await startBareAuth(await testDb(), {
    firstClient: { id: "shop/eu", secret: null, folder },
  });
  expect(await readdir(folder)).toEqual(["client-shop%2Feu.form"]);
  const path = firstClientFile(folder, "shop/eu");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const form = Object.fromEntries(new URLSearchParams(await readFile(path, "utf8")));
  expect(form["client_secret"]).toBe(auth.firstClient?.clientSecret);
  expect((await requestToken(await serve(auth), form)).status).toBe(200);
});

test("credentials are written once: whoever noted them may delete the file", async () => {
  const db = await testDb();
  const folder = await temporaryFolder();
  await startBareAuth(db, { firstClient: { ...generated, folder } });
  await rm(firstClientFile(folder, null));
  await startBareAuth(db, { firstClient: { ...generated, folder } });
  expect(await readdir(folder)).toEqual([]);
});

test("credentials written by a start that was interrupted are those that come to work", async () => {
  const folder = await temporaryFolder();
  const secret = "written before the power cut";
  const form = `client_secret=${encodeURIComponent(secret)}`;
  await writeFile(firstClientFile(folder, null), form, { mode: 0o600 });
  const auth = await startBareAuth(await testDb(), { firstClient: { ...generated, folder } });
  expect(auth.firstClient).toEqual({ clientId: "florin", clientSecret: secret });
  expect(await statusOf(auth, "florin", secret)).toBe(200);
});

test("a start that finds a file without a secret says so, and makes no client", async () => {
  const db = await testDb();
  const folder = await temporaryFolder();
  await writeFile(firstClientFile(folder, null), "", { mode: 0o600 });
  await expect(startBareAuth(db, { firstClient: { ...generated, folder } })).rejects.toThrow(
    /delete it/,
  );
  expect(await db("clients")).toEqual([]);
});

test("a new encryption key is put before the old one, and another one is refused", async () => {
  const db = await testDb();
  const token = await logIn(await serve(await startBareAuth(db)));
  const renewed = await startBareAuth(db, { encryptionKeys: [randomBytes(32), ENCRYPTION_KEY] });
  expect(await renewed.verify(token)).toMatchObject({ ok: true });
  await expect(startBareAuth(db, { encryptionKeys: [randomBytes(32)] })).rejects.toThrow(
    /ENCRYPTION_KEY/,
  );
});

test("the database holds no secret in clear", async () => {
  const db = await testDb();
  await startBareAuth(db);
  const { signing, cookies, pepper } = await loadAuthKeys(db, [ENCRYPTION_KEY]);
  const secrets = [CLIENT.secret, ...cookies.map((key) => Buffer.from(key, "base64url")), pepper];
  for (const name of ["d", "p", "q"] as const) secrets.push(signing[0]?.[name] ?? "");
  const tables = ["clients", "client_secrets", "auth_keys", "first_clients", "oidc_records"];
  const { rows } = await db.raw(
    tables.map((table) => `select t::text as line from "${table}" t`).join(" union all "),
  );
  const dump = rows.map(({ line }: { line: string }) => line).join("\n");
  for (const secret of secrets) {
    const bytes = Buffer.from(secret);
    expect(bytes.length).toBeGreaterThan(15);
    expect(dump).not.toContain(bytes.toString());
    expect(dump).not.toContain(bytes.toString("hex"));
  }
});
