import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "./config.js";

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
    databaseUrl: null,
    databasePoolSize: 10,
    dataDir: resolve(".florin"),
    encryptionKeys: null,
    authEnabled: true,
    authStrictScopes: false,
    bootstrapClientId: null,
    bootstrapClientSecret: null,
    ledgerAllowPastTimestamps: false,
    logLevel: "info",
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
    DATABASE_URL: "mysql://db",
    DATABASE_POOL_SIZE: "1",
    AUTH_ENABLED: "maybe",
    BOOTSTRAP_CLIENT_SECRET: "short",
    CORS_ORIGINS: "https://a.example.com/path",
    TLS_CERT_FILE: "cert.pem",
    LOG_LEVEL: "loud",
  });
  expect(problems.map((problem) => problem.trim().split(" ")[0]).sort()).toEqual([
    "AUTH_ENABLED",
    "BOOTSTRAP_CLIENT_SECRET",
    "CORS_ORIGINS",
    "DATABASE_POOL_SIZE",
    "DATABASE_URL",
    "ENCRYPTION_KEY",
    "LOG_LEVEL",
    "METRICS_PORT",
    "PORT",
    "PUBLIC_URL",
    "TLS_KEY_FILE",
  ]);
});

test("a problem is told without the value, which may be a secret", () => {
  expect(problemsOf({ ENCRYPTION_KEY: "c2VjcmV0" }).join()).not.toContain("c2VjcmV0");
});

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

test("origins are a list", () => {
  expect(
    loadConfig({ CORS_ORIGINS: "https://a.example.com, http://localhost:3000/" }).corsOrigins,
  ).toEqual(["https://a.example.com", "http://localhost:3000"]);
});
