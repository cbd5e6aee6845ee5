import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { type AuthenticateOptions, authenticate } from "../../src/auth/access/authenticate.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { ledgerService } from "../../src/ledger/service.js";
import { fail, ok } from "../../src/lib/result.js";
import { systemClock } from "../../src/lib/time.js";
import { createHandler, implement } from "../../src/server/createHandler.js";
import { createDoor } from "../../src/server/door.js";
import { bindHeaders } from "../../src/server/interceptors/bindHeaders.js";
import { drainStreams } from "../../src/server/interceptors/drainStreams.js";
import { maskUnknownErrors } from "../../src/server/interceptors/maskUnknownErrors.js";
import { recordCall } from "../../src/server/interceptors/recordCall.js";
import { wellFormed } from "../../src/server/interceptors/wellFormed.js";
import { createMetrics } from "../../src/server/metrics.js";
import { silentLogger, startListener } from "../support/listener.js";

interface Server {
  readonly url: string;
  /** Ends as at SIGTERM: streams are drained. */
  stop(): Promise<void>;
}

/** Serves `ledger` on a port of the test's own, on every protocol, to whom `verify` lets in; absent: to all. */
export async function serveLedger(
  ledger: Ledger,
  verify: AuthenticateOptions["verify"] | null = null,
): Promise<Server> {
  const drain = new AbortController();
  const handler = createHandler({
    services: [implement(LedgerService, ledgerService({ ledger, version: "v1.2.3" }))],
    rpcServices: [],
    door: createDoor({ isFull: (name) => !ledger.hasRoom(name, 0), logger: silentLogger }),
    interceptors: [
      recordCall(),
      maskUnknownErrors(silentLogger),
      drainStreams(drain.signal),
      authenticate({
        verify: verify ?? nobody,
        onForget: () => () => {},
        isEnabled: verify !== null,
        clock: systemClock,
      }),
      bindHeaders(),
      wellFormed(),
    ],
    pages: [],
    corsOrigins: null,
    trustedProxies: 0,
    probe: async () => new Map(),
    metrics: createMetrics(),
    logger: silentLogger,
  });
  const listener = await startListener({ handler, drain });
  return { url: `http://127.0.0.1:${listener.port}`, stop: () => listener.close(10_000) };
}

const nobody: AuthenticateOptions["verify"] = async () => {
  throw new Error("authentication is off");
};

/** Tokens of the client `clientId` that hold until they are revoked. */
export function tokens(clientId: string): {
  verify: AuthenticateOptions["verify"];
  revoke(): void;
} {
  let isGood = true;
  return {
    revoke() {
      isGood = false;
    },
    async verify() {
      if (!isGood) return fail({ kind: "client-deleted", clientId });
      const expiresAt = systemClock() + 10_000n;
      const token = { subject: clientId, clientId, scopes: null, expiresAt, jti: "", grant: null };
      return ok({ kind: "client", ...token });
    },
  };
}
