import type { DescMethod } from "@bufbuild/protobuf";
import { pino } from "pino";
import { expect, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { createDoor } from "./door.js";

const { createTransaction, getAccount, watchLogs } = LedgerService.method;

/** A door with room for two calls and one stream; `call` tells whether one got in, and if so lets it in. */
function door({ full = [] as readonly string[], mostWaiting = 10 } = {}) {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line) => void lines.push(line) });
  const isFull = (ledger: string) => full.includes(ledger);
  const { admit, enter, isLate } = createDoor({
    ...{ isFull, logger, mostWaiting },
    ...{ mostCalls: 2, mostStreams: 1 },
  });
  const call = (method: DescMethod, ledger?: string) => {
    const answer = admit(method, ledger, null);
    if (answer === null) enter(method, ledger);
    return answer;
  };
  return { admit, enter, isLate, call, lines };
}

const stays = () => {};

const serverFull = { kind: "server-full" };
const queueFull = { kind: "queue-full" };

test("calls come in until the house is full, and again when one has left, however often it says so", () => {
  const { enter, call } = door();
  const leave = enter(getAccount, "main");
  expect(call(getAccount)).toBeNull();
  expect(call(getAccount)).toEqual(serverFull);
  leave();
  leave();
  expect(call(getAccount)).toBeNull();
  expect(call(getAccount)).toEqual(serverFull);
});

test("calls, streams, writes to each ledger and health do not take one another's room", () => {
  const { call } = door({ full: ["full"] });
  for (let n = 0; n < 3; n++) void call(getAccount);
  expect(call(watchLogs)).toBeNull();
  expect(call(watchLogs)).toEqual(serverFull);
  for (let n = 0; n < 2; n++) expect(call(createTransaction, "main")).toBeNull();
  expect(call(createTransaction, "main")).toEqual(queueFull);
  expect(call(createTransaction, "other")).toBeNull();
  expect(call(createTransaction, "full")).toEqual(queueFull);
  expect(call(Health.method.check)).toBeNull();
});

test("streams that need no token are counted too, and take no room from those that do", () => {
  const { call } = door();
  expect(call(Health.method.watch)).toBeNull();
  expect(call(Health.method.watch)).toEqual(serverFull);
  expect(call(ServerReflection.method.serverReflectionInfo)).toEqual(serverFull);
  expect(call(watchLogs)).toBeNull();
  expect(call(Health.method.check)).toBeNull();
});

test("who may wait comes in when somebody leaves, the first one first", async () => {
  const { admit, enter } = door();
  const leaves = [enter(createTransaction, "main"), enter(createTransaction, "main")];
  const order: number[] = [];
  const waiting = [1, 2].map(async (n) => {
    expect(await admit(createTransaction, "main", stays)).toBeNull();
    order.push(n);
    enter(createTransaction, "main");
  });
  leaves[0]?.();
  await waiting[0];
  expect(order).toEqual([1]);
  leaves[1]?.();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2]);
});

test("who leaves while it waits keeps no place, and whoever is next comes in", async () => {
  const { admit, enter, call } = door({ mostWaiting: 2 });
  const leaves = [enter(getAccount, undefined), enter(getAccount, undefined)];
  const left: (() => void)[] = [];
  const impatient = admit(getAccount, undefined, (hear) => left.push(hear));
  const patient = admit(getAccount, undefined, (hear) => left.push(hear));
  left[0]?.();
  expect(await impatient).toEqual(serverFull);
  const another = admit(getAccount, undefined, stays);
  expect(another).toBeInstanceOf(Promise);
  leaves[0]?.();
  expect(await patient).toBeNull();
  enter(getAccount, undefined);
  left[1]?.();
  expect(call(getAccount)).toEqual(serverFull);
  leaves[1]?.();
  expect(await another).toBeNull();
});

test("who has waited too long is refused; so are those beyond that may wait, at once", async () => {
  const { admit, call } = door({ full: ["full"], mostWaiting: 1 });
  const waiting = admit(createTransaction, "full", stays);
  expect(admit(createTransaction, "full", stays)).toEqual(queueFull);
  expect(await waiting).toEqual(queueFull);
  expect(call(createTransaction, "main")).toBeNull();
});

test("who waits comes in at the end of its time, if there is room that nobody left", async () => {
  const full = ["full"];
  const { admit } = door({ full });
  const waiting = admit(createTransaction, "full", stays);
  full.pop();
  expect(await waiting).toBeNull();
});

test("refusals are logged together", async () => {
  const { call, lines } = door({ full: ["full"] });
  for (let n = 0; n < 5; n++) void call(createTransaction, "full");
  await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 40, refused: 5 });
});

/** Longer than a turn lets calls in. */
function takeLong(): void {
  const since = performance.now();
  while (performance.now() - since < 600);
}

test("a turn of the event loop that takes long lets few calls in, and the next one any", async () => {
  const { isLate, enter, call } = door();
  for (let n = 0; n <= 50; n++) enter(createTransaction, "main");
  expect(isLate()).toBe(false);
  takeLong();
  expect(call(createTransaction, "other")).toEqual(serverFull);
  expect(isLate()).toBe(true);
  await new Promise(setImmediate);
  expect(call(createTransaction, "other")).toBeNull();
});

test("a few calls come in however long a turn takes", () => {
  const { call } = door();
  expect(call(createTransaction, "main")).toBeNull();
  takeLong();
  expect(call(createTransaction, "main")).toBeNull();
});
