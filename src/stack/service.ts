import type { ServiceImpl } from "@connectrpc/connect";
import type { StackService } from "../../gen/florin/stack/v1/stack_pb.js";
import type { Probe } from "../server/health.js";

const SERVICES = ["auth", "ledger", "payments"];

/** The stack as a whole: one process, so one version and one state of health. */
export const stackService = (version: string, probe: Probe): ServiceImpl<typeof StackService> => ({
  async getVersions() {
    const health = [...(await probe()).values()].every(Boolean);
    const versions = SERVICES.map((name) => ({ name, version, health }));
    return { region: "local", env: "florin", versions };
  },
});
