import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startApp } from "../../src/app.js";
import { loadConfig } from "../../src/config.js";
import { type Db, openDatabase } from "../../src/db/database.js";
import { expectSound } from "../ledger/support.js";
import { testDatabaseUrl } from "./database.js";
import { keepSecretsOf, keptLogger } from "./evidence.js";
import { lendSigningKey } from "./signingKey.js";

export interface TestApp {
  /** "http://127.0.0.1:<port>". */
  readonly url: string;
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly databaseUrl: string;
  readonly db: Db;
  /** An access token of the unrestricted client; held to `scope`, if that is given. */
  token(scope?: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The whole server on a database and a port of this test's own. After the test all its ledgers are verified, then it
 * is stopped.
 */
export async function startTestApp(
  variables: NodeJS.ProcessEnv = {},
  logger = keptLogger(),
): Promise<TestApp> {
  const databaseUrl = await testDatabaseUrl();
  const dataDir = await mkdtemp(join(tmpdir(), "florin-app-"));
  const [clientId, clientSecret] = ["first", randomBytes(16).toString("hex")];
  const chosen = {
    PORT: "0",
    PUBLIC_URL: "http://florin.test",
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_ID: clientId,
    BOOTSTRAP_CLIENT_SECRET: clientSecret,
    ...variables,
  };
  keepSecretsOf(chosen);
  const config = loadConfig(chosen);
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  if (config.encryptionKeys !== null) await lendSigningKey(db, config.encryptionKeys);
  const app = await startApp(config, logger);
  const url = `http://127.0.0.1:${app.port}`;
  onTestFinished(async () => {
    await expectSound(db);
    await app.stop();
    await db.destroy();
    await rm(dataDir, { recursive: true });
  });
  return {
    url,
    port: app.port,
    clientId,
    clientSecret,
    databaseUrl,
    db,
    stop: () => app.stop(),
    async token(scope) {
      const response = await fetch(`${url}/api/auth/oauth/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: clientId,
          client_secret: clientSecret,
          ...(scope !== undefined && { scope }),
        }),
      });
      return ((await response.json()) as { access_token: string }).access_token;
    },
  };
}
