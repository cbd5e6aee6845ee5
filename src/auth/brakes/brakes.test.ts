import { expect, test } from "vitest";
import { type Caller, createBrakes } from "./brakes.js";

const SECOND = 1_000_000n;

const shop: Caller = { clientId: "shop", address: "203.0.113.7" };
const neighbour = (clientId: string): Caller => ({ ...shop, clientId });

/** Brakes, and a clock that tells `time.now`. */
function start() {
  const time = { now: 0n };
  const brakes = createBrakes(() => time.now);
  const fail = (caller: Caller, times: number, error = "invalid_client") => {
    for (let time = 0; time < times; time++) brakes.noteEnd(caller, error);
  };
  return { time, ...brakes, fail };
}

test("ten wrong secrets hold a client back until the minute is over", () => {
  const { time, holdOf, fail } = start();
  fail(shop, 9);
  expect(holdOf(shop)).toBeNull();
  time.now = 10n * SECOND;
  fail(shop, 1);
  expect(holdOf(shop)).toMatchObject({ retryAfter: 50n * SECOND });
  time.now = 60n * SECOND;
  expect(holdOf(shop)).toBeNull();
});

test("only that client is held back, and only from there", () => {
  const { holdOf, fail } = start();
  fail(shop, 10);
  expect(holdOf({ ...shop, address: "203.0.113.8" })).toBeNull();
  expect(holdOf(neighbour("till"))).toBeNull();
});

test("a success in between gives no new tries", () => {
  const { holdOf, noteEnd, fail } = start();
  fail(shop, 9);
  noteEnd(shop, null);
  fail(shop, 1);
  expect(holdOf(shop)).not.toBeNull();
});

test("addresses of one /64 are one caller", () => {
  const { holdOf, fail } = start();
  fail({ clientId: "shop", address: "2001:db8::1" }, 5);
  fail({ clientId: "shop", address: "2001:db8::2:2" }, 5);
  expect(holdOf({ clientId: "shop", address: "2001:db8::3" })).not.toBeNull();
  expect(holdOf({ clientId: "shop", address: "2001:db8:0:1::3" })).toBeNull();
});

test("a code or refresh token that is not good counts a tenth; a mistake in the request nothing", () => {
  const { holdOf, fail } = start();
  fail(shop, 1000, "invalid_request");
  fail(shop, 1000, "server_error");
  fail(shop, 99, "invalid_grant");
  expect(holdOf(shop)).toBeNull();
  fail(shop, 1, "invalid_grant");
  expect(holdOf(shop)).not.toBeNull();
});

test("who tries many ids is held back with all of them, but not a neighbour that proved itself", () => {
  const { time, holdOf, noteEnd, fail } = start();
  noteEnd(shop, null);
  time.now = 7_199n * SECOND;
  for (let id = 0; id < 100; id++) fail(neighbour(`guess-${id}`), 1);
  expect(holdOf(neighbour("guess-100"))).toMatchObject({ retryAfter: 60n * SECOND });
  expect(holdOf(shop)).toBeNull();
  fail(shop, 10);
  expect(holdOf(shop)).not.toBeNull();
});

test("a neighbour that proved itself two hours ago is held back with the others", () => {
  const { time, holdOf, noteEnd, fail } = start();
  noteEnd(shop, null);
  time.now = 7_200n * SECOND;
  for (let id = 0; id < 100; id++) fail(neighbour(`guess-${id}`), 1);
  expect(holdOf(shop)).not.toBeNull();
});

test("300 tokens in ten seconds are enough", () => {
  const { time, holdOf, countToken } = start();
  for (let token = 0; token < 299; token++) countToken(shop);
  expect(holdOf(shop)).toBeNull();
  countToken(shop);
  expect(holdOf(shop)).toMatchObject({ retryAfter: 10n * SECOND });
  expect(holdOf(neighbour("till"))).toBeNull();
  time.now = 10n * SECOND;
  expect(holdOf(shop)).toBeNull();
});

test("that somebody is held back is news once a minute", () => {
  const { time, holdOf, fail } = start();
  for (let minute = 0n; minute < 3n; minute++) {
    time.now = minute * 60n * SECOND;
    fail(shop, 10);
    const news = Array.from({ length: 3 }, () => holdOf(shop)?.isNew);
    expect(news).toEqual([true, false, false]);
  }
});
