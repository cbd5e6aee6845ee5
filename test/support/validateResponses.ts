import { afterEach, expect } from "vitest";
import "./patience.js";
import { takeProblems, watchedFetch } from "./published/watchFetch.js";

// Runs before each file of tests: what a server answers them over REST must be what the published document says, where it
// is there, and what our own says.
globalThis.fetch = watchedFetch;
afterEach(async () => {
  expect(await takeProblems(), "answers that are not as documented").toEqual([]);
});
