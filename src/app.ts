import type { Logger } from "pino";
import { AuthService } from "../gen/florin/auth/v1/auth_pb.js";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { PaymentsService } from "../gen/florin/payments/v1/payments_pb.js";
import { StackService } from "../gen/florin/stack/v1/stack_pb.js";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionV1Alpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { auditChanges } from "./auth/access/auditChanges.js";
import { authenticate } from "./auth/access/authenticate.js";
import { checkScope } from "./auth/access/checkScope.js";
import { createAuth } from "./auth/auth.js";
import type { Credentials } from "./auth/firstClient.js";
import type { Config } from "./config.js";
import type { Db } from "./db/database.js";
import { keepEncryptionKeys } from "./encryptionKeys.js";
import { createEventMetrics } from "./events/eventMetrics.js";
import { openOutlets } from "./events/openOutlets.js";
import { startPublisher } from "./events/publisher.js";
import type { Source } from "./events/source.js";
import { ledgerEvents } from "./ledger/events/ledgerEvents.js";
import { createLedger } from "./ledger/ledger.js";
import { ledgerService } from "./ledger/service.js";
import { systemClock } from "./lib/time.js";
import type { Tracing } from "./lib/tracing.js";
import { type OnStop, undoable } from "./lib/undoable.js";
import { connectors } from "./payments/connectors/all.js";
import { isOfPayments, PAYMENTS_STREAM, paymentsEvents } from "./payments/events/paymentsEvents.js";
import { createPayments } from "./payments/payments.js";
import { paymentsService } from "./payments/service.js";
import { createHandler, implement } from "./server/createHandler.js";
import { createDoor } from "./server/door.js";
import { createProbe } from "./server/health.js";
import { healthService } from "./server/healthService.js";
import { bindHeaders } from "./server/interceptors/bindHeaders.js";
import { drainStreams } from "./server/interceptors/drainStreams.js";
import { maskUnknownErrors } from "./server/interceptors/maskUnknownErrors.js";
import { recordCall } from "./server/interceptors/recordCall.js";
import { waitOutside } from "./server/interceptors/waitOutside.js";
import { wellFormed } from "./server/interceptors/wellFormed.js";
import { createListener } from "./server/listener/createListener.js";
import { createMetrics } from "./server/metrics.js";
import { metricsPage, serveMetricsAlone } from "./server/metricsPage.js";
import { referencePages } from "./server/reference/referencePages.js";
import { createReflection } from "./server/reflection.js";
import { stackService } from "./stack/service.js";
import { type Pools, startPools } from "./startDatabase.js";
import { version } from "./version.js";

export interface App {
  readonly port: number;
  /** Credentials that this start generated; null if there were some already. */
  readonly firstClient: Credentials | null;
  /** Takes no new work, answers what is under way, then lets go of the database. */
  stop(): Promise<void>;
}

/** How long calls that are under way may take to end. */
const DRAIN_MS = 10_000;

/** Starts everything, in order; if a step fails, what was started before it is stopped. */
export async function startApp(config: Config, logger: Logger): Promise<App> {
  const { value, stop } = await undoable(async (onStop) => {
    const tracing = await traceIfAsked(config, logger, onStop);
    const pools = await startPools(config, logger, onStop);
    return startServer(config, logger, pools, onStop, tracing);
  });
  return { ...value, stop };
}

/** The SDK is loaded by those alone who want traces. */
async function traceIfAsked({ tracing: config }: Config, logger: Logger, onStop: OnStop) {
  if (config === null) return null;
  const { startTracing } = await import("./tracing/startTracing.js");
  const tracing = await startTracing(config, { version, logger });
  onStop(() => tracing.stop());
  return tracing;
}

/** The events of ledgers, and of payments. */
function eventsOf(db: Db): Source {
  const [ofLedger, ofPayments] = [ledgerEvents(db), paymentsEvents(db)];
  return (stream, from) => (isOfPayments(stream) ? ofPayments : ofLedger)(stream, from);
}

async function startServer(
  config: Config,
  logger: Logger,
  { db, reserved }: Pools,
  onStop: OnStop,
  tracing: Tracing | null,
) {
  const { dataDir, publicUrl, authEnabled, metricsPort, host, port, tls } = config;
  const clock = systemClock;
  const encryptionKeys = config.encryptionKeys ?? (await keepEncryptionKeys(dataDir));
  const auth = await createAuth({
    db,
    reserved,
    clock,
    logger,
    version,
    publicUrl,
    encryptionKeys,
    firstClient: {
      id: config.bootstrapClientId,
      secret: config.bootstrapClientSecret,
      folder: dataDir,
    },
    isStrict: config.authStrictScopes,
    upstream: config.upstream,
  });
  onStop(async () => auth.close());
  const allowPastTimestamps = config.ledgerAllowPastTimestamps;
  const outlets = openOutlets(config.events);
  const hasSinks = outlets.length > 0;
  const ledger = createLedger({
    ...{ db, reserved, clock, logger, tracing },
    ...{ allowPastTimestamps, hasSinks },
  });
  onStop(() => ledger.close());
  const payments = createPayments({
    ...{ db, clock, logger, tracing, encryptionKeys, connectors, hasSinks },
    settingsOf: (provider) => ({
      apiUrl: config.providerUrls[provider] ?? null,
      filesRoot: config.dummyPayRoot,
    }),
    showsSecrets: config.connectorSecrets === "clear",
  });
  onStop(() => payments.close());

  const drain = new AbortController();
  const metrics = createMetrics();
  if (hasSinks) {
    const publisher = await startPublisher({
      db,
      logger,
      tracing,
      source: eventsOf(db),
      outlets,
      metrics: createEventMetrics(metrics.registry, db, outlets),
    });
    onStop(() => publisher.stop());
    ledger.onCommit(publisher.wake);
    payments.onCommit(() => publisher.wake(PAYMENTS_STREAM));
  }
  const probe = createProbe({ checks: { database: async () => reserved.raw("select 1") }, logger });
  const services = [
    implement(AuthService, auth.service),
    implement(LedgerService, ledgerService({ ledger, version })),
    implement(PaymentsService, paymentsService({ payments, version })),
    implement(StackService, stackService(version, probe)),
  ];
  const ours = services.map(({ service }) => service);
  const health = healthService({ probe, services: ours, drain: drain.signal });
  const reflection = createReflection(
    [...ours, Health, ServerReflection, ServerReflectionV1Alpha],
    [file_google_rpc_error_details],
  );
  const door = createDoor({ isFull: (name) => !ledger.hasRoom(name, 0), logger });
  const handler = createHandler({
    services,
    door,
    rpcServices: [
      implement(Health, health),
      implement(ServerReflection, reflection.v1),
      implement(ServerReflectionV1Alpha, reflection.v1alpha),
    ],
    interceptors: [
      recordCall(),
      waitOutside(door),
      auditChanges(logger),
      maskUnknownErrors(logger),
      drainStreams(drain.signal),
      authenticate({ ...auth, isEnabled: authEnabled, clock }),
      checkScope(),
      bindHeaders(),
      wellFormed(),
    ],
    pages: [
      auth.handleOidc,
      referencePages(logger),
      ...(metricsPort === null
        ? [metricsPage({ metrics, refusalOf: auth.refusalOf, logger })]
        : []),
    ],
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    probe,
    metrics,
    tracing,
    logger,
  });
  if (metricsPort !== null) onStop(await serveMetricsAlone(metrics, host, metricsPort));
  const listener = await createListener({ handler, host, port, tls, drain, logger });
  onStop(() => listener.close(DRAIN_MS));
  return { port: listener.port, firstClient: auth.firstClient };
}
