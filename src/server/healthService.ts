import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.js";
import type { Probe } from "./health.js";

export interface HealthServiceOptions {
  readonly probe: Probe;
  /** They are all as well as the process is. */
  readonly services: readonly DescService[];
  /** From its abort on nothing is serving. */
  readonly drain: AbortSignal;
  /** How often watchers are told of changes, at most. */
  readonly intervalMs?: number;
}

/** gRPC's own health protocol, for the whole server ("") and each of its services. */
export function healthService(options: HealthServiceOptions): ServiceImpl<typeof Health> {
  const { probe, services, drain, intervalMs = 2_000 } = options;
  const names = new Set(["", ...services.map(({ typeName }) => typeName)]);

  async function currentStatus(): Promise<Status> {
    const outcome = await probe();
    const isServing = !drain.aborted && [...outcome.values()].every(Boolean);
    return isServing ? Status.SERVING : Status.NOT_SERVING;
  }

  return {
    async check({ service }) {
      if (!names.has(service))
        throw new ConnectError(`unknown service "${service}"`, Code.NotFound);
      return { status: await currentStatus() };
    },

    async list() {
      const status = await currentStatus();
      return { statuses: Object.fromEntries([...names].map((name) => [name, { status }])) };
    },

    async *watch({ service }, { signal }) {
      let told: Status | null = null;
      while (!signal.aborted || drain.aborted) {
        const status = names.has(service) ? await currentStatus() : Status.SERVICE_UNKNOWN;
        if (status !== told) yield { status };
        told = status;
        if (drain.aborted) return;
        await sleep(intervalMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}
