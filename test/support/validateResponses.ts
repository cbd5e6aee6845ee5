import { afterEach, expect } from "vitest";
import { hasDocument } from "./published/document.js";
import { takeProblems, watchedFetch } from "./published/watchFetch.js";

// Runs before each file of tests: what a server answers them over REST must be what the document says.
if (hasDocument) {
  globalThis.fetch = watchedFetch;
  afterEach(async () => {
    expect(await takeProblems(), "answers that the published document does not allow").toEqual([]);
  });
}
