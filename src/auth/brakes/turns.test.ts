import { expect, test } from "vitest";
import { createTurns } from "./turns.js";

/** Whatever may begin has begun. */
const settled = () => new Promise(setImmediate);

/** Tasks that end when they are told to, under turns with room for `room.size`. */
function start(size: number, mostWaiting?: number) {
  const room = { size };
  const takeTurn = createTurns(() => room.size, mostWaiting);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, key = "shop") =>
    takeTurn(key, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { room, begun, run, end };
}

test("what finds no room waits, in order; other keys do not wait for it", async () => {
  const { begun, run, end } = start(2);
  const all = [run("a"), run("b"), run("c"), run("d"), run("other", "till")];
  await settled();
  expect(begun).toEqual(["a", "b", "other"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "other", "c"]);
  for (const name of ["a", "c", "d", "other"]) await end(name);
  await Promise.all(all);
  expect(begun).toEqual(["a", "b", "other", "c", "d"]);
});

test("room that shrinks is not overrun, and where none is left they go one by one", async () => {
  const { room, begun, run, end } = start(2);
  const all = [run("a"), run("b"), run("c"), run("d")];
  await settled();
  room.size = 1;
  await end("a");
  expect(begun).toEqual(["a", "b"]);
  room.size = 0;
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  await end("c");
  await end("d");
  await Promise.all(all);
});

test("a task that fails makes room too", async () => {
  const takeTurn = createTurns(() => 1);
  const failing = takeTurn("shop", () => Promise.reject(new Error("broken")));
  const next = takeTurn("shop", async () => {});
  await expect(failing).rejects.toThrow("broken");
  await next;
});

test("of those that would have to wait, no more than so many may, whatever their keys", async () => {
  const { begun, run, end } = start(1, 2);
  const all = [run("a"), run("b"), run("other", "till"), run("another", "till")];
  await settled();
  expect(await run("c")).toBe(false);
  expect(await run("too many", "till")).toBe(false);
  all.push(run("free", "counter"));
  await end("a");
  all.push(run("d"));
  for (const name of ["free", "b", "d", "other", "another"]) await end(name);
  expect(await Promise.all(all)).toEqual(Array(all.length).fill(true));
  expect(begun).toEqual(["a", "other", "free", "b", "d", "another"]);
});
