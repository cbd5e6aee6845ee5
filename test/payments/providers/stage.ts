import { expect } from "vitest";
import { eventually as poll } from "../../support/eventually.js";
import { freeLeases } from "../../support/freeLeases.js";
import { type Receiver, startReceiver } from "../../support/receiver.js";
import { type PaymentsApp, startPaymentsApp } from "../paymentsApp.js";
import { paymentsProcesses, sinkAt } from "../processes.js";

type Call = PaymentsApp["call"];

/** A server with one connector, and who hears of its events. */
export async function startStage(provider: string, variables: NodeJS.ProcessEnv) {
  const receiver = await startReceiver();
  const { call } = await startPaymentsApp({ ...sinkAt(receiver), ...variables });
  return stageOf(provider, call, receiver);
}

/** The same in a process of its own, which may be killed and started again. */
export async function startKillableStage(provider: string, variables: NodeJS.ProcessEnv) {
  const { db, receiver, start } = await paymentsProcesses(variables);
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

/** Many pages take their time, and so do processes that start. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> => poll(check, 60_000);

/** `count` references that sort as they count. */
export const numbered = (count: number, prefix = ""): string[] =>
  Array.from({ length: count }, (_, index) => prefix + String(index).padStart(4, "0"));

/** That nothing is told any more while `isOver` comes true. */
export async function expectSilence(told: () => string[], isOver: () => boolean): Promise<void> {
  const before = told();
  await eventually(() => expect(isOver()).toBe(true));
  expect(told()).toEqual(before);
}
