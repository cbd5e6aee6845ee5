import { expect, test } from "vitest";
import { postingsOf, runScript } from "./books.js";

const from = (amount: string, sources: string): string =>
  `send [COIN ${amount}] (source = oneof { ${sources} } destination = @x)`;

test("the first branch that has it all pays it all", () => {
  const balances = { "a COIN": 5n, "b COIN": 20n, "c COIN": 20n };
  expect(postingsOf(from("10", "@a @b @c"), { balances })).toEqual(["b -> x COIN 10"]);
});

test("a branch that was tried leaves nothing behind", () => {
  const script = `
    send [COIN 10] (source = { @a oneof { { @a @b } @c } } destination = @x)
    send [COIN *] (source = { @a @b } destination = @y)`;
  const balances = { "a COIN": 4n, "b COIN": 5n, "c COIN": 6n };
  expect(postingsOf(script, { balances })).toEqual([
    "a -> x COIN 4",
    "c -> x COIN 6",
    "b -> y COIN 5",
  ]);
});

test("of money that a branch adds to what the same account paid before, only that is undone", () => {
  const script = from("10", "{ max [COIN 2] from @a oneof { @a @b } }");
  expect(postingsOf(script, { balances: { "a COIN": 5n, "b COIN": 9n } })).toEqual([
    "a -> x COIN 2",
    "b -> x COIN 8",
  ]);
});

test("branches within branches are undone with them", () => {
  const script = `
    ${from("11", "{ oneof { @d @c } @c @a } { oneof { @c @b } { @b @a } } @e")}
    send [COIN *] (source = { @a @b @c @d } destination = @y)`;
  const balances = { "a COIN": 4n, "b COIN": 5n, "c COIN": 6n, "d COIN": 8n, "e COIN": 11n };
  expect(postingsOf(script, { balances })).toEqual([
    "e -> x COIN 11",
    "a -> y COIN 4",
    "b -> y COIN 5",
    "c -> y COIN 6",
    "d -> y COIN 8",
  ]);
});

test("if no branch has it all, the last one counts", () => {
  const ended = runScript(from("10", "@a @b"), { balances: { "a COIN": 9n, "b COIN": 2n } });
  expect(ended).toMatchObject({ refusal: { kind: "missing-funds", needed: 10n, available: 2n } });
});

test("of all there is, the first branch gives its own", () => {
  const balances = { "b COIN": 20n };
  expect(postingsOf(from("*", "@a @b"), { balances })).toEqual([]);
});

test("all goes to the first destination whose cap it fits, else to the remaining one", () => {
  const script = (amount: number) => `send [COIN ${amount}] (
    source = @world
    destination = oneof { max [COIN 5] to @small max [COIN 10] to @medium remaining to @large }
  )`;
  expect(postingsOf(script(5))).toEqual(["world -> small COIN 5"]);
  expect(postingsOf(script(6))).toEqual(["world -> medium COIN 6"]);
  expect(postingsOf(script(11))).toEqual(["world -> large COIN 11"]);
});
