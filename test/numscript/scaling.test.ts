import { expect, test } from "vitest";
import { postingsOf, runScript } from "./books.js";

const scaled = (sent: string): string =>
  `send ${sent} (source = @a with scaling through @fx destination = @x)`;

test("only what is lacking is swapped, in whole units, the finest first", () => {
  const balances = { "a USD/2": 40n, "a USD/4": 1050n, "a USD": 5n, "a EUR": 9n };
  expect(postingsOf(scaled("[USD/2 250]"), { balances })).toEqual([
    "a -> fx USD/4 1000",
    "a -> fx USD 2",
    "fx -> a USD/2 210",
    "a -> x USD/2 250",
  ]);
});

test("nothing is swapped if there is enough", () => {
  const balances = { "a USD/2": 250n, "a USD": 5n };
  expect(postingsOf(scaled("[USD/2 250]"), { balances })).toEqual(["a -> x USD/2 250"]);
});

test("all there is includes all scales, and what is worth no unit stays", () => {
  const balances = { "a USD/2": 7n, "a USD/3": 128n, "a USD": 1n };
  expect(postingsOf(scaled("[USD/2 *]"), { balances })).toEqual([
    "a -> fx USD/3 120",
    "a -> fx USD 1",
    "fx -> a USD/2 112",
    "a -> x USD/2 119",
  ]);
});

test("a debt at another scale is left alone, and one at this scale is paid first", () => {
  const balances = { "a USD/2": -30n, "a USD": 2n, "a USD/3": -50n };
  expect(postingsOf(scaled("[USD/2 120]"), { balances })).toEqual([
    "a -> fx USD 2",
    "fx -> a USD/2 200",
    "a -> x USD/2 120",
  ]);
});

test("what was received earlier in the script can be swapped, and is swapped once", () => {
  const script = `
    send [USD 3] (source = @world destination = @a)
    ${scaled("[USD/2 100]")}
    ${scaled("[USD/2 *]")}`;
  expect(postingsOf(script)).toEqual([
    "world -> a USD 3",
    "a -> fx USD 1",
    "fx -> a USD/2 100",
    "a -> x USD/2 100",
    "a -> fx USD 2",
    "fx -> a USD/2 200",
    "a -> x USD/2 200",
  ]);
});

test("a branch that is not taken swaps nothing", () => {
  const script = `send [USD/2 300] (
    source = oneof {
      @a with scaling through @fx
      { @b @a with scaling through @fx }
      @world
    }
    destination = @x
  )`;
  const balances = { "a USD": 2n, "b USD/2": 50n };
  expect(postingsOf(script, { balances })).toEqual(["world -> x USD/2 300"]);
});

test("dust of a scale far away is no hindrance", () => {
  const balances = { "a USD/999999": 5n, "a USD/2": 300n };
  expect(postingsOf(scaled("[USD 3]"), { balances })).toEqual([
    "a -> fx USD/2 300",
    "fx -> a USD 3",
    "a -> x USD 3",
  ]);
});

test.each([
  ["[USD/999999 1]", { "a USD": 5n }],
  ["[USD 1]", { "a USD/999999": 10n ** 1000n }],
])("scales too far apart are refused: %s", (sent, balances) => {
  const ended = runScript(scaled(sent), { balances });
  expect(ended).toMatchObject({ kind: "refused", refusal: { kind: "limit-exceeded" } });
});
