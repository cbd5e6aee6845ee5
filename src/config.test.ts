import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "./config.js";
import { topicIsType } from "./events/topics.js";

const key = () => randomBytes(32).toString("base64");

const problemsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
};

test("an empty environment starts the embedded database on port 8080", () => {
  expect(loadConfig({})).toEqual({
    host: "127.0.0.1",
    port: 8080,
    publicUrl: "http://localhost:8080",
    metricsPort: null,
    tls: null,
    corsOrigins: null,
    trustedProxies: 0,
    databaseUrl: null,
    databasePoolSize: 10,
    dataDir: resolve(".florin"),
    encryptionKeys: null,
    authEnabled: true,
    authStrictScopes: false,
    bootstrapClientId: null,
    bootstrapClientSecret: null,
    upstream: null,
    ledgerAllowPastTimestamps: false,
    connectorSecrets: "masked",
    dummyPayRoot: resolve(".florin/dummy-pay"),
    providerUrls: {},
    events: { nats: null, kafka: null, http: null, topicOf: topicIsType },
    logLevel: "info",
    tracing: null,
  });
});

test("an empty variable is unset", () => {
  expect(loadConfig({ PORT: "", DATABASE_URL: " ", LOG_LEVEL: "" })).toEqual(loadConfig({}));
});

test("every problem is named at once, those between variables too", () => {
  const problems = problemsOf({
    PORT: "http",
    METRICS_PORT: "65536",
    PUBLIC_URL: "florin.example.com",
    MANGOPAY_API_URL: "mangopay.example.com",
    DATABASE_URL: "mysql://db",
    DATABASE_POOL_SIZE: "3",
    AUTH_ENABLED: "maybe",
    BOOTSTRAP_CLIENT_SECRET: "short",
    CORS_ORIGINS: "https://a.example.com/path",
    TLS_CERT_FILE: "cert.pem",
    TRUST_PROXY: "true",
    DELEGATED_ISSUER: "http://login.example.com",
    DELEGATED_CLIENT_ID: "florin",
    EVENTS_NATS_URL: "nats.example.com",
    EVENTS_KAFKA_BROKERS: "kafka-1",
    EVENTS_KAFKA_SASL_MECHANISM: "kerberos",
    EVENTS_KAFKA_USERNAME: "florin",
    EVENTS_HTTP_URL: "ftp://app.example.com",
    EVENTS_HTTP_SECRET: "short",
    EVENTS_TOPIC_MAPPING: "COMITTED_TRANSACTIONS:ledger",
    LOG_LEVEL: "loud",
    WISE_API_URL: "ftp://wise.example.com",
  });
  expect(problems.map((problem) => problem.trim().split(" ")[0]).sort()).toEqual([
    "AUTH_ENABLED",
    "BOOTSTRAP_CLIENT_SECRET",
    "CORS_ORIGINS",
    "DATABASE_POOL_SIZE",
    "DATABASE_URL",
    "DELEGATED_CLIENT_SECRET",
    "DELEGATED_ISSUER",
    "ENCRYPTION_KEY",
    "EVENTS_HTTP_SECRET",
    "EVENTS_HTTP_URL",
    "EVENTS_KAFKA_BROKERS",
    "EVENTS_KAFKA_PASSWORD",
    "EVENTS_KAFKA_SASL_MECHANISM",
    "EVENTS_NATS_URL",
    "EVENTS_TOPIC_MAPPING",
    "LOG_LEVEL",
    "MANGOPAY_API_URL",
    "METRICS_PORT",
    "PORT",
    "PUBLIC_URL",
    "TLS_KEY_FILE",
    "TRUST_PROXY",
    "WISE_API_URL",
  ]);
});

test.each(["ENCRYPTION_KEY", "EVENTS_HTTP_SECRET", "EVENTS_NATS_URL"])(
  "a problem with %s is told without the value, which may be a secret",
  (name) => {
    const problems = problemsOf({ [name]: "c2VjcmV0" });
    expect(problems.join()).toContain(name);
    expect(problems.join()).not.toContain("c2VjcmV0");
  },
);

test("DATABASE_URL demands an encryption key", () => {
  const DATABASE_URL = "postgresql://florin@db/florin";
  expect(problemsOf({ DATABASE_URL })).toHaveLength(1);
  expect(problemsOf({ DATABASE_URL, ENCRYPTION_KEY: key() })).toEqual([]);
});

test("encryption keys are read in order, the newest first", () => {
  const [fresh, old] = [key(), key()];
  const { encryptionKeys } = loadConfig({ ENCRYPTION_KEY: `${fresh}, ${old}` });
  expect(encryptionKeys?.map((it) => Buffer.from(it).toString("base64"))).toEqual([fresh, old]);
});

test.each([
  ["16 bytes", randomBytes(16).toString("base64")],
  ["hex", randomBytes(32).toString("hex")],
  ["a good key and a bad one", `${key()},x`],
  ["a good key and nothing", `${key()},`],
  ["a good key with a slip of the pen", key().replace(/^..../, "$&*")],
])("refuses an encryption key of %s", (_, ENCRYPTION_KEY) => {
  expect(problemsOf({ ENCRYPTION_KEY })).toHaveLength(1);
});

test("the public URL follows the port and TLS, unless it is given", () => {
  const tls = { TLS_CERT_FILE: "cert.pem", TLS_KEY_FILE: "key.pem" };
  expect(loadConfig({ PORT: "9000", ...tls }).publicUrl).toBe("https://localhost:9000");
  expect(loadConfig({ PUBLIC_URL: "https://pay.example.com/florin/" }).publicUrl).toBe(
    "https://pay.example.com/florin",
  );
});

test.each([
  "ftp://florin.example.com",
  "https://florin.example.com/?a=b",
  "https://user@florin.example.com",
])("refuses %s as public URL", (PUBLIC_URL) => {
  expect(problemsOf({ PUBLIC_URL })).toHaveLength(1);
});

test.each([
  ["spaces", "the shop"],
  ["dots alone", ".."],
  ["more than 255 characters", "x".repeat(256)],
])("refuses a first client whose id has %s, as management does", (_, BOOTSTRAP_CLIENT_ID) => {
  expect(problemsOf({ BOOTSTRAP_CLIENT_ID })).toHaveLength(1);
});

test("people log in at an issuer that is asked over TLS, or on this machine", () => {
  const here = { DELEGATED_CLIENT_ID: "florin", DELEGATED_CLIENT_SECRET: "secret" };
  const upstreamAt = (url: string) => loadConfig({ ...here, DELEGATED_ISSUER: url }).upstream;
  expect(upstreamAt("https://login.example.com/realms/florin")).toEqual({
    issuer: "https://login.example.com/realms/florin",
    clientId: "florin",
    clientSecret: "secret",
  });
  for (const url of ["http://localhost:5556/dex", "http://127.0.0.1:80", "http://[::1]:80"]) {
    expect(upstreamAt(url)?.issuer).toBe(url);
  }
});

test.each([
  "login.example.com",
  "http://login.example.com",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "ftp://localhost",
  "https://user@login.example.com",
  "https://:password@login.example.com",
  "https://login.example.com/?tenant=a",
  "https://login.example.com/.well-known/openid-configuration",
])("refuses %s as the issuer that people log in at", (DELEGATED_ISSUER) => {
  const problems = problemsOf({
    DELEGATED_ISSUER,
    DELEGATED_CLIENT_ID: "florin",
    DELEGATED_CLIENT_SECRET: "secret",
  });
  expect(problems.join()).toContain("DELEGATED_ISSUER must be the URL of an OpenID Connect issuer");
});

test("origins are a list", () => {
  expect(
    loadConfig({ CORS_ORIGINS: "https://a.example.com, http://localhost:3000/" }).corsOrigins,
  ).toEqual(["https://a.example.com", "http://localhost:3000"]);
});

test("events go to every sink that is named", () => {
  const { events } = loadConfig({
    EVENTS_NATS_URL: "nats://florin:pass@nats-1:4222, tls://nats-2",
    EVENTS_KAFKA_BROKERS: "kafka-1:9092,kafka-2:9092",
    EVENTS_KAFKA_TLS: "true",
    EVENTS_KAFKA_USERNAME: "florin",
    EVENTS_KAFKA_PASSWORD: "pass",
    EVENTS_HTTP_URL: "https://app.example.com/florin?a=b",
    EVENTS_HTTP_SECRET: "a secret of 24 characters",
  });
  const sasl = { mechanism: "scram-sha-512", username: "florin", password: "pass" };
  expect(events).toMatchObject({
    nats: { servers: ["nats://florin:pass@nats-1:4222", "tls://nats-2"] },
    kafka: { brokers: ["kafka-1:9092", "kafka-2:9092"], tls: true, sasl },
    http: { url: "https://app.example.com/florin?a=b", secret: "a secret of 24 characters" },
  });
});

test.each([
  ["DELEGATED_ISSUER", "https://login.example.com", "DELEGATED_CLIENT_ID is required"],
  ["DELEGATED_ISSUER", "https://login.example.com", "DELEGATED_CLIENT_SECRET is required"],
  ["DELEGATED_CLIENT_SECRET", "secret", "DELEGATED_ISSUER is required"],
  ["EVENTS_HTTP_URL", "https://app.example.com", "EVENTS_HTTP_SECRET is required"],
  ["EVENTS_HTTP_SECRET", "x".repeat(24), "EVENTS_HTTP_URL is required"],
  ["EVENTS_KAFKA_PASSWORD", "pass", "EVENTS_KAFKA_USERNAME is required"],
])("%s does not come alone", (name, value, problem) => {
  expect(problemsOf({ [name]: value }).join()).toContain(problem);
});
