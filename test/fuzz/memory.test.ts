import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { rpcs } from "../support/rpcs.js";
import { startFuzzServer } from "./fuzzServer.js";
import { restShots } from "./restShots.js";
import { RPC_SHOTS } from "./rpcShots.js";

vi.setConfig({ testTimeout: 120_000 });

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function heapMb(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

test("bad calls by the thousand leave nothing behind in memory", async () => {
  const { gun, known } = await startFuzzServer();
  const shots = rpcs
    .filter(({ methodKind }) => methodKind === "unary")
    .flatMap((rpc) => [
      ...Object.values(RPC_SHOTS).map((shotsOf) => shotsOf(rpc, known)),
      ...[restShots(rpc, known) ?? []].flat(),
    ])
    .flatMap((arbitrary) => fc.sample(arbitrary, 2));
  const round = async () => {
    for (const shot of shots) await gun.send(shot);
  };
  await round();
  const before = heapMb();
  for (let rounds = 0; rounds < 4; rounds++) await round();
  expect(shots.length * 4).toBeGreaterThan(1_500);
  // Each would have to leave 10 kB.
  expect(heapMb() - before).toBeLessThan(15);
});
