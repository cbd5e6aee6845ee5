import fc, { type Arbitrary } from "fast-check";
import { expect } from "vitest";
import type { FuzzServer } from "./fuzzServer.js";
import { judge } from "./judge.js";
import { printShot, type Shot } from "./shot.js";

/** How many shots each kind of call gets: FUZZ_RUNS makes it more. */
export const RUNS = Number(process.env["FUZZ_RUNS"] ?? 4);

/** After how many errors the database is compared. */
const BATCH = 40;

export interface Range {
  /** Sends `runs` shots; fails at the first that is not answered as promised, shrunk. */
  shoot(shots: Arbitrary<Shot>, runs: number, seed: number): Promise<void>;
  /** That the errors so far have changed nothing. */
  settle(): Promise<void>;
  readonly sent: () => number;
}

export function createRange(server: FuzzServer): Range {
  const { gun, faults } = server;
  let refused: Shot[] = [];
  let sent = 0;

  async function fire(shot: Shot): Promise<boolean> {
    sent += 1;
    const answer = await gun.send(shot);
    const { error, problems } = judge(shot, answer);
    const found = [...problems, ...faults];
    if (found.length > 0) {
      // The next shot is not to answer for this one.
      (faults as string[]).length = 0;
      throw new Error(`${found.join("\n")}\nafter\n${printShot(shot)}\nwhich was told\n${error}`);
    }
    return error !== null;
  }

  /** Sent once more, without those that went through in between: now not a row may change. */
  async function settle(): Promise<void> {
    let shots = refused;
    refused = [];
    let changed: string[] = [];
    // A connector that was installed goes on by itself: what moves once may be its doing, what moves always is ours.
    for (let attempt = 0; attempt < 5 && shots.length > 0; attempt++) {
      const before = await server.digest();
      const still: Shot[] = [];
      for (const shot of shots) if (await fire(shot)) still.push(shot);
      const after = await server.digest();
      if (still.length === shots.length) {
        const old = new Set(before.split("\n"));
        changed = after.split("\n").filter((line) => !old.has(line));
        if (changed.length === 0) return;
      }
      shots = still;
    }
    expect(changed, `changed by one of\n${shots.map(printShot).join("\n\n")}`).toEqual([]);
  }

  return {
    async shoot(shots, runs, seed) {
      await fc.assert(
        fc.asyncProperty(shots, async (shot) => {
          const isWhole = shot.end === "well" && shot.rpc.methodKind !== "bidi_streaming";
          // Of a stream both ways, each message stands for itself: some are committed, whatever comes after them.
          if ((await fire(shot)) && isWhole) refused.push(shot);
        }),
        {
          numRuns: runs,
          seed,
          endOnFailure: false,
          interruptAfterTimeLimit: 600_000,
          markInterruptAsFailure: false,
        },
      );
      if (refused.length >= BATCH) await settle();
    },
    settle,
    sent: () => sent,
  };
}
