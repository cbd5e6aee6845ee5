import { pino } from "pino";
import { expect, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { createDoor } from "./door.js";

const { createTransaction, getAccount, watchLogs } = LedgerService.method;

function door(full: readonly string[] = []) {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line) => void lines.push(line) });
  const isFull = (ledger: string) => full.includes(ledger);
  const { enter, isLate } = createDoor({ isFull, logger, mostCalls: 2, mostStreams: 1 });
  return { enter, isLate, lines };
}

const serverFull = { ok: false, failure: { kind: "server-full" } };

test("calls come in until the house is full, and again when one has left, however often it says so", () => {
  const { enter } = door();
  const [one] = [enter(getAccount, "main"), enter(getAccount, "main")];
  expect(enter(getAccount, "main")).toEqual(serverFull);
  if (!one?.ok) throw new Error("it was refused");
  one.value();
  one.value();
  expect(enter(getAccount, "main").ok).toBe(true);
  expect(enter(getAccount, "main")).toEqual(serverFull);
});

test("calls, streams, writes and health do not take one another's room", () => {
  const { enter } = door(["full"]);
  for (let n = 0; n < 3; n++) enter(getAccount, "main");
  expect(enter(watchLogs, undefined).ok).toBe(true);
  expect(enter(watchLogs, undefined)).toEqual(serverFull);
  expect(enter(createTransaction, "main").ok).toBe(true);
  expect(enter(createTransaction, "full")).toMatchObject({ failure: { kind: "queue-full" } });
  expect(enter(Health.method.check, undefined).ok).toBe(true);
});

test("refusals are logged together", async () => {
  const { enter, lines } = door(["full"]);
  for (let n = 0; n < 5; n++) enter(createTransaction, "full");
  await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 40, refused: 5 });
});

/** Longer than a turn lets calls in. */
function takeLong(): void {
  const since = performance.now();
  while (performance.now() - since < 600);
}

test("a turn of the event loop that takes long lets few calls in, and the next one any", async () => {
  const { enter, isLate } = door();
  for (let n = 0; n <= 50; n++) expect(enter(createTransaction, "main").ok).toBe(true);
  takeLong();
  expect(enter(createTransaction, "main")).toEqual(serverFull);
  expect(isLate()).toBe(true);
  await new Promise(setImmediate);
  expect(enter(createTransaction, "main").ok).toBe(true);
});

test("a few calls come in however long a turn takes", () => {
  const { enter } = door();
  enter(createTransaction, "main");
  takeLong();
  expect(enter(createTransaction, "main").ok).toBe(true);
});
