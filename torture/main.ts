// Breaks everything that can break around Florin while clients use it, then compares what they were told with what is
// in the database. docs/reliability.md says what is done and what is checked.
import { randomInt } from "node:crypto";
import { torture } from "./torture.js";

const seconds = Number(process.env["TORTURE_SECONDS"] ?? 600);
const seed = process.env["TORTURE_SEED"] ?? String(randomInt(2 ** 31));
const keeps = process.env["TORTURE_KEEP"] === "1";
const again = `TORTURE_SEED=${seed} TORTURE_SECONDS=${seconds} npm run torture`;
/** What starting, healing and judging may take. */
const LONGEST_END_SECONDS = 900;

console.log(`torture for ${seconds} s; the same faults again: ${again}`);
setTimeout(
  () => {
    console.log(`VIOLATED no end: ${again}`);
    process.exit(1);
  },
  (seconds + LONGEST_END_SECONDS) * 1000,
).unref();
const problems = await torture({ seconds, seed, keeps, tell: console.log });
for (const problem of problems) console.log(`VIOLATED ${problem}`);
console.log(
  problems.length === 0 ? `no violation: ${again}` : `${problems.length} violations: ${again}`,
);
process.exit(problems.length === 0 ? 0 : 1);
