import { randomBytes } from "node:crypto";
import { expect, onTestFinished, vi } from "vitest";
import { openDatabase } from "../../../src/db/database.js";
import { logIn } from "../../auth/startAuth.js";
import { testDatabaseUrl } from "../../support/database.js";
import { freeLeases } from "../../support/freeLeases.js";
import { CREDENTIALS, newDataDir, startProcess } from "../../support/process.js";
import { type Receiver, startReceiver } from "../../support/receiver.js";
import { callWith, type PaymentsApp, startPaymentsApp } from "../paymentsApp.js";

type Call = PaymentsApp["call"];

const sinkAt = (url: string) => ({ EVENTS_HTTP_URL: url, EVENTS_HTTP_SECRET: "x".repeat(24) });

/** A server with one connector, and who hears of its events. */
export async function startStage(provider: string, variables: NodeJS.ProcessEnv) {
  const receiver = await startReceiver();
  const { call } = await startPaymentsApp({ ...sinkAt(receiver.url), ...variables });
  return stageOf(provider, call, receiver);
}

/** The same in a process of its own, which may be killed and started again. */
export async function startKillableStage(provider: string, variables: NodeJS.ProcessEnv) {
  const [databaseUrl, receiver] = [await testDatabaseUrl(), await startReceiver()];
  const db = openDatabase({ url: databaseUrl, poolSize: 1 });
  onTestFinished(() => db.destroy());
  const env = {
    ...{ DATABASE_URL: databaseUrl, PORT: "0", DATABASE_POOL_SIZE: "5", LOG_LEVEL: "error" },
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_ID: CREDENTIALS.client_id,
    BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.client_secret,
    ...{ ...sinkAt(receiver.url), ...variables },
  };
  async function start() {
    const server = await startProcess({ env: { ...env, DATA_DIR: await newDataDir() } });
    const call = callWith(server.url, await logIn(`${server.url}/api/auth`, CREDENTIALS));
    return { ...server, call };
  }
  let server = await start();
  return {
    ...stageOf(provider, (...request) => server.call(...request), receiver),
    async killAndRestart() {
      await server.end("SIGKILL");
      await freeLeases(db);
      server = await start();
    },
  };
}

function stageOf(provider: string, call: Call, receiver: Receiver) {
  return {
    call,
    install: (config: object) => call("POST", `/connectors/${provider}`, config),
    reset: () => call("POST", `/connectors/${provider}/reset`),
    /** All payments by reference: "<reference> <type> <status> <initial amount> <amount> <asset> <adjustments>". */
    async payments(): Promise<string[]> {
      const { body } = await call("GET", "/payments?pageSize=1000&sort=reference:asc");
      return body.cursor.data.map(lineOf);
    },
    /** Its tasks by what they do: "<key> <status> <error>", of equal ones one. */
    async tasks(): Promise<string[]> {
      const { body } = await call("GET", `/connectors/${provider}/tasks?pageSize=1000`);
      const lines = body.cursor.data.map(({ descriptor, status, error }: Task) =>
        `${descriptor.key} ${status} ${error}`.trim(),
      );
      return [...new Set<string>(lines)].sort();
    },
    /** Waits until its tasks have begun anew `count` times, at least. */
    async polls(count: number): Promise<number> {
      const begun = new Set<string>();
      await eventually(async () => {
        const { body } = await call("GET", `/connectors/${provider}/tasks`);
        for (const { updatedAt } of body.cursor.data) begun.add(updatedAt);
        expect(begun.size).toBeGreaterThan(count);
      });
      return count;
    },
    /** What was told of payments, each event once: "<reference> <status> <amount>". */
    told(): string[] {
      const bodies = new Map(
        receiver.deliveries.map(({ headers, body }) => [headers["webhook-id"], body]),
      );
      return [...bodies.values()].map((body) => {
        const { reference, status, amount } = JSON.parse(body).payload;
        return `${reference} ${status} ${amount}`;
      });
    },
  };
}

interface Task {
  readonly descriptor: { readonly key: string };
  readonly status: string;
  readonly error: string;
}

interface Line {
  readonly reference: string;
  readonly type: string;
  readonly status: string;
  readonly initialAmount: number;
  readonly amount: number;
  readonly asset: string;
  readonly adjustments: readonly { readonly status: string; readonly amount: number }[];
}

const lineOf = (payment: Line): string => {
  const { reference, type, status, initialAmount, amount, asset, adjustments } = payment;
  const changes = adjustments.map((it) => ` ${it.status}:${it.amount}`).join("");
  return `${reference} ${type} ${status} ${initialAmount} ${amount} ${asset}${changes}`;
};

export const eventually = <T>(check: () => T | Promise<T>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 100 });

/** `count` references that sort as they count. */
export const numbered = (count: number, prefix = ""): string[] =>
  Array.from({ length: count }, (_, index) => prefix + String(index).padStart(4, "0"));

/** That nothing is told any more while `isOver` comes true. */
export async function expectSilence(told: () => string[], isOver: () => boolean): Promise<void> {
  const before = told();
  await eventually(() => expect(isOver()).toBe(true));
  expect(told()).toEqual(before);
}
