import { randomInt } from "node:crypto";
import { expect, test, vi } from "vitest";
import { services } from "../support/rpcs.js";
import { startFuzzServer } from "./fuzzServer.js";
import { restShots } from "./restShots.js";
import { RPC_SHOTS } from "./rpcShots.js";
import { createRange, RUNS } from "./shootAll.js";

vi.setConfig({ testTimeout: 120_000 + RUNS * 10_000 });

const SEED = Number(process.env["FUZZ_SEED"] ?? randomInt(2 ** 31));

test.each(services.map((service) => [service.typeName, service] as const))(
  `whatever %s is sent, it answers or says what is wrong, and a refusal changes nothing (seed ${SEED})`,
  async (_, service) => {
    const server = await startFuzzServer();
    const range = createRange(server);
    for (const rpc of service.methods) {
      for (const shotsOf of Object.values(RPC_SHOTS)) {
        await range.shoot(shotsOf(rpc, server.known), RUNS, SEED);
      }
      const rest = restShots(rpc, server.known);
      if (rest !== null) await range.shoot(rest, 2 * RUNS, SEED);
    }
    await range.settle();
    expect(server.faults).toEqual([]);
    expect((await fetch(`${server.app.url}/_healthcheck`)).status).toBe(200);
    if (process.env["FUZZ_RUNS"]) console.log(`${service.typeName}: ${range.sent()} requests`);
  },
);
