import { expect, test } from "vitest";
import { atWorkFinder } from "../src/db/findAtWork.js";

const suspect = { pid: 1, since: "1", isSilent: async () => true };

test("sessions are not taken for dead because the name of their server is not found", async () => {
  // Longer than a part of a name may be: no name server is asked.
  const find = atWorkFinder(`postgresql://florin@${"a".repeat(64)}.invalid/florin`, 10_000);
  expect(await find(suspect)).toBe(true);
});

test("sessions of a server that takes no connections are dead", async () => {
  expect(await atWorkFinder("postgresql://florin@127.0.0.1:1/florin", 10_000)(suspect)).toBe(false);
});
