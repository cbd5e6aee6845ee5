import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { importLedger } from "../src/cli/import/import.js";
import { startTestApp, type TestApp } from "./support/app.js";
import { fetch as unwatched } from "./support/published/watchFetch.js";
import { startReceiver } from "./support/receiver.js";

vi.setConfig({ testTimeout: 120_000 });

let source: TestApp;
let token: string;
let target: TestApp;

beforeEach(async () => {
  source = await startTestApp();
  token = await source.token();
  target = await startTestApp();
});

const variables = () => ({
  DATABASE_URL: target.databaseUrl,
  ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  SOURCE_TOKEN: token,
});

/** Runs `florin import` into the target's database; answers what it printed, and how it ended. */
async function runImport(from: string, ...args: string[]) {
  const env = { ...process.env, ...variables() };
  const words = ["dist/cli.js", "import", ...args, "--from", from];
  const run = promisify(execFile)(process.execPath, words, { env });
  return run.then(
    ({ stdout }) => ({ stdout, stderr: "", code: 0 }),
    ({ stdout, stderr, code }) => ({ stdout, stderr, code }),
  );
}

async function call(app: TestApp, method: string, path: string, body?: object) {
  const response = await fetch(`${app.url}/api/ledger/${path}`, {
    method,
    headers: { authorization: `Bearer ${await app.token()}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.ok, text).toBe(true);
  return text && JSON.parse(text);
}

const posting = (amount: number) => ({
  ...{ source: "world", destination: "users:1", asset: "EUR/2", amount },
});

/** Everything that leaves a log, more than two pages of it. */
async function fill(): Promise<void> {
  const transactions = Array.from({ length: 2100 }, (_, index) => ({
    postings: [posting(index + 1)],
    reference: `r${index}`,
    metadata: { index, "é<&>": [null, 0.1, { deep: true }] },
  }));
  await call(source, "POST", "main/transactions/batch", { transactions });
  await call(source, "POST", "main/accounts/users:1/metadata", { tier: "gold" });
  await call(source, "POST", "main/transactions/7/metadata", { note: "late" });
  await call(source, "POST", "main/transactions/8/revert");
  const plain = 'send [COIN 3] (source = @world destination = @a) set_account_meta(@a, "p", 1/3)';
  await call(source, "POST", "main/transactions", { script: { plain } });
}

const everything = async (app: TestApp, ledger: string) => ({
  logs: (await call(app, "GET", `${ledger}/logs?pageSize=1000`)).cursor.data,
  balances: (await call(app, "GET", `${ledger}/balances`)).cursor.data,
  transaction: (await call(app, "GET", `${ledger}/transactions/7`)).data,
  account: (await call(app, "GET", `${ledger}/accounts/users:1`)).data,
  stats: (await call(app, "GET", `${ledger}/stats`)).data,
});

test("a ledger moves with its numbers, dates and hashes, while both servers run", async () => {
  await fill();
  const contracts = [{ account: "users:*", expr: { $gte: ["$balance", 0] } }];
  await call(source, "PUT", "main/mapping", { contracts });
  const { stdout, code } = await runImport(`${source.url}/api/ledger/`, "main", "--as", "moved");
  const before = await everything(source, "main");
  expect(await everything(target, "moved")).toEqual(before);
  const [{ id, hash }] = before.logs;
  expect({ stdout, code }).toEqual({
    code: 0,
    stdout: [
      `moved holds ${id + 1} logs and 2102 transactions, and its chain holds.`,
      `The last hash is ${hash}`,
      "Its mapping, of 1 contracts, is in no log: copy it by hand.\n",
    ].join("\n"),
  });
  const again = await runImport(`${source.url}/api/ledger`, "main", "--as", "moved");
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("--as <ledger>") });
  await call(target, "POST", "moved/transactions", { postings: [posting(5)] });
});

/** A source that answers the logs of the real one after `change`. */
async function tampered(change: (body: string) => string): Promise<string> {
  const forged = await startReceiver(async (response) => {
    const headers = { authorization: `Bearer ${token}` };
    const real = await fetch(source.url + forged.deliveries.at(-1)?.path, { headers });
    response.writeHead(real.status, { "content-type": "application/json" });
    response.end(change(await real.text()));
  });
  return `${forged.url}/api/ledger`;
}

const FORGERIES: readonly [RegExp, string, string][] = [
  [/"amount":7,/, '"amount":8,', "log 6: its hash does not follow"],
  [/("id":6,"type":)"NEW_TRANSACTION"/, '$1"SET_MAPPING"', "log 6: it is of the unknown type"],
  [/("id":6,.*?"date":)"[^"]*"/, '$1"yesterday"', "must be an RFC 3339 date-time"],
  [/{"id":6,.*?"date":"[^"]*"},?/, "", "the source answered 8 of its 9 logs"],
  [/("txid":)6/, "$16.5", "log 6: "],
  [/({"id":)8,/, "$199999999999999,", "of its 100000000000000 logs"],
  [/^{"cursor"/, '{"other"', "no list of logs"],
  [/^{/, "<html>", "no JSON object"],
];

test("whatever is wrong with a log is told, and then nothing is imported", async () => {
  await call(source, "POST", "main/transactions/batch", {
    transactions: Array.from({ length: 9 }, (_, index) => ({ postings: [posting(index + 1)] })),
  });
  // In this process: what a command does with an error is told by the tests below.
  for (const [name, value] of Object.entries(variables())) vi.stubEnv(name, value);
  // What the forged source answers is documented nowhere.
  vi.stubGlobal("fetch", unwatched);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });
  for (const [from, to, problem] of FORGERIES) {
    const forged = await tampered((body) => body.replace(from, to));
    await expect(importLedger("main", { from: forged })).rejects.toThrow(problem);
  }
  token = "none";
  expect(await runImport(`${source.url}/api/ledger`, "main")).toMatchObject({
    stderr: expect.stringContaining("/logs?pageSize=1 answered 401: "),
  });
  expect((await call(target, "GET", "main/stats")).data).toEqual({ accounts: 0, transactions: 0 });
});

test("of an answer that is none, the beginning is shown, without what a terminal obeys and without the token", async () => {
  const strange = await startReceiver((response) => {
    response.writeHead(404).end(`<html>\u001b[31m ${token} ${"no such page ".repeat(10_000)}`);
  });
  const { stderr, code } = await runImport(strange.url, "main");
  expect(code).toBe(1);
  expect(stderr).toMatch(/answered 404: <html> \[31m … no such page no .*…\n$/);
  expect(stderr.length).toBeLessThan(500);
});

test("a source that sends elsewhere is not followed", async () => {
  const moved = await startReceiver((response) => {
    response.writeHead(302, { location: source.url }).end();
  });
  expect((await runImport(moved.url, "main")).stderr).toContain("answered 302");
  expect(moved.deliveries).toHaveLength(1);
});

test("a name that no ledger may have is refused at once", async () => {
  await call(source, "POST", "main/transactions", { postings: [posting(1)] });
  const { stderr, code } = await runImport(`${source.url}/api/ledger`, "main", "--as", "_system");
  expect([code, stderr]).toEqual([1, expect.stringContaining("cannot name a ledger here")]);
});
