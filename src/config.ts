import { join, resolve } from "node:path";
import { z } from "zod";
import { checkClientId } from "./auth/domain/clientOptions.js";
import { parseIssuer } from "./auth/domain/issuer.js";
import type { UpstreamIssuer } from "./auth/login/upstream.js";
import { parseEncryptionKeys } from "./encryptionKeys.js";
import type { EventsConfig } from "./events/openOutlets.js";
import {
  parseBrokers,
  parseNatsUrls,
  parseReceiver,
  parseSigningSecret,
  SASL_MECHANISMS,
} from "./events/targets.js";
import { parseTopicMapping, topicIsType } from "./events/topics.js";
import type { EncryptionKeys } from "./lib/encrypt.js";
import { variable, wholeNumber } from "./lib/variable.js";
import type { TracingConfig } from "./tracing/tracingConfig.js";
import { isTraced, tracingConfig, tracingVariables } from "./tracing/tracingVariables.js";

/** What the operator chose. The table in README.md describes each variable. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  /** Null: metrics are on `port`, behind a token. */
  readonly metricsPort: number | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Null: any origin. */
  readonly corsOrigins: readonly string[] | null;
  /** How many proxies in front of us append to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Null: made on the first start, and kept in `dataDir`. */
  readonly encryptionKeys: EncryptionKeys | null;
  readonly authEnabled: boolean;
  readonly authStrictScopes: boolean;
  /** Null: generated on the first start. */
  readonly bootstrapClientId: string | null;
  readonly bootstrapClientSecret: string | null;
  /** Who logs people in, and who we are there; null: machines only. */
  readonly upstream: UpstreamIssuer | null;
  readonly ledgerAllowPastTimestamps: boolean;
  /** Whether callers see the secrets of connectors as they are. */
  readonly connectorSecrets: (typeof CONNECTOR_SECRETS)[number];
  /** Absolute: DUMMY-PAY uses no files outside of it. */
  readonly dummyPayRoot: string;
  /** Where the operator says that providers are; without a slash at its end. The others are at their own addresses. */
  readonly providerUrls: Readonly<Record<string, string | undefined>>;
  readonly events: EventsConfig;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Null: no traces. */
  readonly tracing: TracingConfig | null;
}

/** Reads the environment. Throws one error that names every problem; an empty variable counts as unset. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const set = Object.entries(env).filter(([, value]) => value?.trim());
  // What is said of traces that nobody wants is not for us, perhaps.
  const isMeant = isTraced(Object.fromEntries(set)) ? () => true : isOfNoTraces;
  const given = Object.fromEntries(set.filter(([name]) => isMeant(name)));
  const { data, error } = variables.safeParse(given);
  const problems = [
    ...(error?.issues ?? []).map(({ path, message }) => `${path[0]?.toString()} ${message}`),
    ...conflicts(given),
  ];
  if (data === undefined || problems.length > 0) {
    throw new Error(
      `Florin cannot start with this configuration:\n${problems.map((it) => `  ${it}`).join("\n")}`,
    );
  }
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = data;
  const tls = certFile && keyFile ? { certFile, keyFile } : null;
  const { DELEGATED_ISSUER: issuer, DELEGATED_CLIENT_ID: clientId } = data;
  const { DELEGATED_CLIENT_SECRET: clientSecret } = data;
  return {
    host: data.HOST,
    port: data.PORT,
    publicUrl: data.PUBLIC_URL ?? `${tls ? "https" : "http"}://localhost:${data.PORT}`,
    metricsPort: data.METRICS_PORT ?? null,
    tls,
    corsOrigins: data.CORS_ORIGINS ?? null,
    trustedProxies: data.TRUST_PROXY,
    databaseUrl: data.DATABASE_URL ?? null,
    databasePoolSize: data.DATABASE_POOL_SIZE,
    dataDir: resolve(data.DATA_DIR),
    encryptionKeys: data.ENCRYPTION_KEY ?? null,
    authEnabled: data.AUTH_ENABLED,
    authStrictScopes: data.AUTH_STRICT_SCOPES,
    bootstrapClientId: data.BOOTSTRAP_CLIENT_ID ?? null,
    bootstrapClientSecret: data.BOOTSTRAP_CLIENT_SECRET ?? null,
    upstream: issuer && clientId && clientSecret ? { issuer, clientId, clientSecret } : null,
    ledgerAllowPastTimestamps: data.LEDGER_ALLOW_PAST_TIMESTAMPS,
    connectorSecrets: data.CONNECTOR_SECRETS,
    dummyPayRoot: resolve(data.DUMMY_PAY_ROOT ?? join(data.DATA_DIR, "dummy-pay")),
    providerUrls: {
      "BANKING-CIRCLE": data.BANKING_CIRCLE_API_URL,
      "CURRENCY-CLOUD": data.CURRENCY_CLOUD_API_URL,
      MANGOPAY: data.MANGOPAY_API_URL,
      MODULR: data.MODULR_API_URL,
      MONEYCORP: data.MONEYCORP_API_URL,
      STRIPE: data.STRIPE_API_URL,
      WISE: data.WISE_API_URL,
    },
    events: eventsConfig(data),
    logLevel: data.LOG_LEVEL,
    tracing: tracingConfig(data),
  };
}

const isOfNoTraces = (name: string): boolean => !(name in tracingVariables);

function eventsConfig(data: z.infer<typeof variables>): EventsConfig {
  const { EVENTS_NATS_URL: servers, EVENTS_KAFKA_BROKERS: brokers } = data;
  const { EVENTS_HTTP_URL: url, EVENTS_HTTP_SECRET: secret } = data;
  const { EVENTS_KAFKA_USERNAME: username, EVENTS_KAFKA_PASSWORD: password } = data;
  const mechanism = data.EVENTS_KAFKA_SASL_MECHANISM;
  const sasl = username && password ? { mechanism, username, password } : null;
  return {
    nats: servers ? { servers } : null,
    kafka: brokers ? { brokers, tls: data.EVENTS_KAFKA_TLS, sasl } : null,
    http: url && secret ? { url, secret } : null,
    topicOf: data.EVENTS_TOPIC_MAPPING ?? topicIsType,
  };
}

const onOff = z.stringbool({ error: "must be true or false" });

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const CONNECTOR_SECRETS = ["masked", "clear"] as const;

const providerUrl = variable(
  "must be the URL of the provider's API, e.g. https://sandbox.example.com/api",
  parseUrl,
).optional();

const variables = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: wholeNumber(0, 65_535).default(8080),
  PUBLIC_URL: variable(
    "must be the URL that clients use, e.g. https://florin.example.com",
    parseUrl,
  ).optional(),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  CORS_ORIGINS: variable(
    "must be a list of origins, e.g. https://app.example.com,http://localhost:3000; unset, it allows any",
    parseOrigins,
  ).optional(),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  DATABASE_URL: variable("must begin with postgresql://", (text) =>
    /^postgres(ql)?:\/\//.test(text) ? text : null,
  ).optional(),
  // With four, half of them reserved, neither one that is silent nor one that is held for long stops all the others.
  DATABASE_POOL_SIZE: wholeNumber(4, 1000).default(10),
  DATA_DIR: z.string().default(".florin"),
  ENCRYPTION_KEY: variable(
    "must be 32 bytes in base64, as `openssl rand -base64 32` prints them; to change it, put the new key before the old one: new,old",
    parseEncryptionKeys,
  ).optional(),
  AUTH_ENABLED: onOff.default(true),
  AUTH_STRICT_SCOPES: onOff.default(false),
  BOOTSTRAP_CLIENT_ID: variable(
    "must have 1 to 255 printable ASCII characters, no spaces, and more than dots",
    (text) => (checkClientId(text) === null ? text : null),
  ).optional(),
  BOOTSTRAP_CLIENT_SECRET: variable("must have 16 characters or more", (text) =>
    text.length >= 16 ? text : null,
  ).optional(),
  DELEGATED_ISSUER: variable(
    "must be the URL of an OpenID Connect issuer that begins with https://, e.g. https://login.example.com; http:// is for localhost",
    parseIssuer,
  ).optional(),
  DELEGATED_CLIENT_ID: z.string().optional(),
  DELEGATED_CLIENT_SECRET: z.string().optional(),
  LEDGER_ALLOW_PAST_TIMESTAMPS: onOff.default(false),
  CONNECTOR_SECRETS: z
    .enum(CONNECTOR_SECRETS, { error: `must be one of ${CONNECTOR_SECRETS.join(", ")}` })
    .default("masked"),
  DUMMY_PAY_ROOT: z.string().optional(),
  BANKING_CIRCLE_API_URL: providerUrl,
  CURRENCY_CLOUD_API_URL: providerUrl,
  MANGOPAY_API_URL: providerUrl,
  MODULR_API_URL: providerUrl,
  MONEYCORP_API_URL: providerUrl,
  STRIPE_API_URL: providerUrl,
  WISE_API_URL: providerUrl,
  EVENTS_NATS_URL: variable(
    "must be one or more URLs that begin with nats:// or tls://, joined by commas",
    parseNatsUrls,
  ).optional(),
  EVENTS_KAFKA_BROKERS: variable(
    "must be a list of brokers, e.g. kafka-1:9092,kafka-2:9092",
    parseBrokers,
  ).optional(),
  EVENTS_KAFKA_TLS: onOff.default(false),
  EVENTS_KAFKA_SASL_MECHANISM: z
    .enum(SASL_MECHANISMS, { error: `must be one of ${SASL_MECHANISMS.join(", ")}` })
    .default("scram-sha-512"),
  EVENTS_KAFKA_USERNAME: z.string().optional(),
  EVENTS_KAFKA_PASSWORD: z.string().optional(),
  EVENTS_HTTP_URL: variable(
    "must be the URL that events are posted to, e.g. https://app.example.com/florin",
    parseReceiver,
  ).optional(),
  EVENTS_HTTP_SECRET: variable(
    "must be whsec_ and 24 bytes or more in base64, or any text of 24 characters or more",
    parseSigningSecret,
  ).optional(),
  EVENTS_TOPIC_MAPPING: variable(
    "must be a list such as SAVED_METADATA:metadata,*:ledger, of types of events that exist",
    parseTopicMapping,
  ).optional(),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` })
    .default("info"),
  ...tracingVariables,
});

/** What is wrong with variables together, even while some are wrong alone. */
function conflicts(given: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  if (given["DATABASE_URL"] && !given["ENCRYPTION_KEY"]) {
    problems.push(
      "ENCRYPTION_KEY is required with DATABASE_URL: make one with `openssl rand -base64 32`, and keep it as safe as the database, for neither is readable without the other",
    );
  }
  for (const [one, other] of [
    ["TLS_CERT_FILE", "TLS_KEY_FILE"],
    ["TLS_KEY_FILE", "TLS_CERT_FILE"],
    ["DELEGATED_ISSUER", "DELEGATED_CLIENT_ID"],
    ["DELEGATED_ISSUER", "DELEGATED_CLIENT_SECRET"],
    ["DELEGATED_CLIENT_ID", "DELEGATED_ISSUER"],
    ["DELEGATED_CLIENT_SECRET", "DELEGATED_ISSUER"],
    ["EVENTS_HTTP_URL", "EVENTS_HTTP_SECRET"],
    ["EVENTS_HTTP_SECRET", "EVENTS_HTTP_URL"],
    ["EVENTS_KAFKA_USERNAME", "EVENTS_KAFKA_PASSWORD"],
    ["EVENTS_KAFKA_PASSWORD", "EVENTS_KAFKA_USERNAME"],
  ] as const) {
    if (given[one] && !given[other]) problems.push(`${other} is required with ${one}`);
  }
  return problems;
}

function parseUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname, search, hash, username } = new URL(text);
  if (!/^https?:$/.test(protocol) || search || hash || username) return null;
  return (origin + pathname).replace(/\/+$/, "");
}

function parseOrigins(text: string): readonly string[] | null {
  const origins = text.split(",").map((item) => item.trim().replace(/\/$/, ""));
  const areOrigins = origins.every((it) => URL.canParse(it) && new URL(it).origin === it);
  return areOrigins ? origins : null;
}
