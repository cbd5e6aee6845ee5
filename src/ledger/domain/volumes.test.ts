import { expect, test } from "vitest";
import { balance, changeVolumes, EMPTY, volumeIn, volumeKey } from "./volumes.js";

test("every account and asset that is touched changes once, in the order of the first touch", () => {
  const volumes = new Map([
    [volumeKey("a", "USD/2"), { input: 10n, output: 4n }],
    [volumeKey("b", "USD/2"), EMPTY],
  ]);
  const postings = [
    { source: "a", destination: "b", asset: "USD/2", amount: 5n },
    { source: "b", destination: "a", asset: "USD/2", amount: 2n },
    { source: "b", destination: "b", asset: "USD/2", amount: 1n },
  ];
  expect(changeVolumes(postings, volumeIn(volumes))).toEqual([
    {
      account: "a",
      asset: "USD/2",
      before: { input: 10n, output: 4n },
      after: { input: 12n, output: 9n },
    },
    { account: "b", asset: "USD/2", before: EMPTY, after: { input: 6n, output: 3n } },
  ]);
  expect(balance({ input: 6n, output: 9n })).toBe(-3n);
});

test("the first map that has a volume is believed, and none that is unknown is made up", () => {
  const key = volumeKey("a", "USD/2");
  const newer = new Map([[key, { input: 2n, output: 0n }]]);
  const volumeOf = volumeIn(newer, new Map([[key, { input: 1n, output: 0n }]]));
  expect(volumeOf("a", "USD/2")).toEqual({ input: 2n, output: 0n });
  expect(() => volumeOf("b", "USD/2")).toThrow("volume not loaded: b USD/2");
});
