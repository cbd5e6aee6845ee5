import { expect, test } from "vitest";
import { outcomeOf, postingsOf, textsOf } from "./books.js";

const read = (script: string, balances: Record<string, bigint> = {}) =>
  textsOf(outcomeOf(script, { balances }).transactionMetadata);

test("a balance in the middle of a script is the stored one with what the script did so far", () => {
  const script = `
    send [COIN 7] (source = @world destination = @a)
    send [COIN 3] (source = @b allowing unbounded overdraft destination = @c)
    set_tx_meta("receiver", balance(@a, COIN))
    set_tx_meta("payer", balance(@b, COIN))
    set_tx_meta("untouched", balance(@d, COIN))`;
  const balances = { "a COIN": 100n, "b COIN": 50n, "d COIN": 1n };
  expect(read(script, balances)).toEqual({
    receiver: "COIN 107",
    payer: "COIN 47",
    untouched: "COIN 1",
  });
});

test("a balance that is negative before may be read when it no longer is", () => {
  const script = `
    send [COIN 30] (source = @world destination = @a)
    send balance(@a, COIN) (source = @a destination = @x)`;
  expect(postingsOf(script, { balances: { "a COIN": -20n } })).toEqual([
    "world -> a COIN 30",
    "a -> x COIN 10",
  ]);
});

test("the balance of world is its real one", () => {
  const script = `vars { monetary $spent = overdraft(@world, COIN) } set_tx_meta("spent", $spent)`;
  expect(read(script, { "world COIN": -1000n })).toEqual({ spent: "COIN 1000" });
});

test("world is without end through a variable too, whatever it is allowed", () => {
  const script = `vars { account $from }
    send [COIN 5] (source = $from destination = @x)
    send [COIN 5] (source = $from allowing overdraft up to [COIN 1] destination = @x)`;
  expect(postingsOf(script, { variables: { from: "world" } })).toEqual([
    "world -> x COIN 5",
    "world -> x COIN 5",
  ]);
});

test("what is saved comes back only by later credits, and a debt is forgiven", () => {
  const script = `
    save [COIN 10] from @debtor
    send [COIN 5] (source = @debtor allowing overdraft up to [COIN 5] destination = @x)
    save [COIN *] from @rich
    send [COIN 1] (source = @world destination = @rich)
    send [COIN *] (source = @rich destination = @x)`;
  const balances = { "debtor COIN": -40n, "rich COIN": 90n };
  expect(postingsOf(script, { balances })).toEqual([
    "debtor -> x COIN 5",
    "world -> rich COIN 1",
    "rich -> x COIN 1",
  ]);
});

test("who has nothing to pay does not part the postings of another", () => {
  const script = `send [COIN 5] (source = { max [COIN 2] from @a @empty @a } destination = @x)`;
  expect(postingsOf(script, { balances: { "a COIN": 9n } })).toEqual(["a -> x COIN 5"]);
});

test("every colour of an asset is a balance of its own, and keeps its colour on the way", () => {
  const script = `
    send [USD/2 12] (
      source = { @a \\ "RED" @a \\ "" @world \\ "BLUE" }
      destination = { max [USD/2 4] to @x remaining to @y }
    )
    send [USD/2 *] (source = @y \\ "RED" destination = @z)`;
  const balances = { "a USD_RED/2": 6n, "a USD/2": 3n, "a USD_BLUE/2": 100n };
  expect(postingsOf(script, { balances })).toEqual([
    "a -> x USD_RED/2 4",
    "a -> y USD_RED/2 2",
    "a -> y USD/2 3",
    "world -> y USD_BLUE/2 3",
    "y -> z USD_RED/2 2",
  ]);
});

test("amounts of a hundred thousand digits are exact", () => {
  const amount = 10n ** 99_990n + 1n;
  const script = `send [COIN ${amount}] (
    source = @world destination = { 1/3 to @x 1/3 to @y remaining kept }
  )`;
  const { postings } = outcomeOf(script);
  expect(postings.map((posting) => posting.amount)).toEqual([amount / 3n + 1n, amount / 3n + 1n]);
});
