import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, vi } from "vitest";
import type { Db } from "../../src/db/database.js";
import { startTestApp, type TestApp } from "../support/app.js";
import { freshFolder } from "../support/freshFolder.js";
import { createGun, type Gun } from "./send.js";
import type { Words } from "./words.js";

export interface FuzzServer {
  readonly app: TestApp;
  readonly gun: Gun;
  /** Ids of what is there. */
  readonly known: Words;
  /** The same before and after, unless a row was written. */
  digest(): Promise<string>;
  /** What the server has logged as its own fault. */
  readonly faults: readonly string[];
}

/** Providers that nobody listens for. */
const PROVIDERS = Object.fromEntries(
  ["STRIPE", "WISE", "MODULR", "CURRENCY_CLOUD", "BANKING_CIRCLE", "MANGOPAY", "MONEYCORP"].map(
    (name) => [`${name}_API_URL`, "http://127.0.0.1:1"],
  ),
);

/** A server with a little of everything: a ledger, clients, scopes, a connector and payments. */
export async function startFuzzServer(): Promise<FuzzServer> {
  const root = await freshFolder();
  await mkdir(join(root, "files"));
  const faults: string[] = [];
  const write = (line: string) => void faults.push(line);
  const app = await startTestApp(
    { DUMMY_PAY_ROOT: root, ...PROVIDERS },
    pino({ base: null, level: "error" }, { write }),
  );
  const complain = vi.spyOn(console, "error").mockImplementation((...args) => {
    faults.push(args.map(String).join(" "));
  });
  const token = await app.token();
  const gun = createGun(app.url, token);
  onTestFinished(() => {
    complain.mockRestore();
    gun.close();
  });
  const known = await seed(app, token);
  return { app, gun, known, digest: await digester(app.db), faults };
}

async function seed({ url }: TestApp, token: string): Promise<Words> {
  const send = async (call: string, body?: object) => {
    const [method = "", path = ""] = call.split(" ");
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.status, `${call}: ${text}`).toBeLessThan(300);
    return text === "" ? null : JSON.parse(text);
  };
  const pay = (amount: number, others = {}) =>
    send("POST /ledger/main/transactions", {
      postings: [{ source: "world", destination: "users:1", asset: "USD/2", amount }],
      ...others,
    });
  await pay(100, { reference: "order:1", metadata: { kind: "sale", a: { b: 1 } } });
  for (let amount = 1; amount < 20; amount++) await pay(amount);
  await send("POST /ledger/main/accounts/users:1/metadata", { kind: "person" });
  const clients: string[] = [];
  const secrets: string[] = [];
  for (let at = 0; at < 5; at++) {
    const { data } = await send("POST /auth/clients", { id: `till${at}`, name: "till" });
    clients.push(data.id);
    secrets.push((await send(`POST /auth/clients/${data.id}/secrets`, { name: "a" })).data.id);
  }
  const scopes: string[] = [];
  for (let at = 0; at < 5; at++) {
    scopes.push((await send("POST /auth/scopes", { label: `cashier${at}` })).data.id);
  }
  await send("POST /payments/connectors/DUMMY-PAY", {
    directory: "files",
    filePollingPeriod: "10000h",
    fileGenerationPeriod: "10000h",
  });
  const tasks = await send("GET /payments/connectors/DUMMY-PAY/tasks");
  const { cursor } = await send("GET /ledger/main/transactions?pageSize=2");
  return {
    ...{ clientId: clients, secretId: secrets, scopeId: scopes, transientScopeId: scopes },
    taskId: tasks.cursor.data.map(({ id }: { id: string }) => id),
    cursor: [cursor.next],
  };
}

/** The tasks of connectors go on by themselves. */
const MOVING = new Set(["connector_tasks"]);

/** A statement that looks at every row of every table, whose system columns tell its version. */
async function digester(db: Db): Promise<() => Promise<string>> {
  const tables: string[] = await db("pg_tables").where({ schemaname: "public" }).pluck("tablename");
  const parts = tables.sort().map((table) => {
    const version = MOVING.has(table) ? "''" : "ctid::text || xmin::text";
    return `select '${table}' || ' ' || count(*) || ' ' || coalesce(sum(hashtext(${version})), 0) as line from "${table}"`;
  });
  const statement = `/* test */ ${parts.join(" union all ")}`;
  return async () => {
    const { rows } = await db.raw(statement);
    return rows.map(({ line }: { line: string }) => line).join("\n");
  };
}
