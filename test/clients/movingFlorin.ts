import { randomBytes } from "node:crypto";
import { startTestApp } from "../support/app.js";
import { cuttableProxy } from "../support/cuttableProxy.js";
import { testDatabaseUrl } from "../support/database.js";

/** A server at one address, which changes processes as at an upgrade: the next one is up before the first one is stopped. */
export async function movingFlorin() {
  const credentials = { clientId: "shop", clientSecret: "the secret of the shop" };
  const shared = {
    DATABASE_URL: await testDatabaseUrl(),
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_ID: credentials.clientId,
    BOOTSTRAP_CLIENT_SECRET: credentials.clientSecret,
  };
  const old = await startTestApp(shared);
  const proxy = await cuttableProxy(old.port);
  return {
    options: { baseUrl: proxy.url, ...credentials },
    async move(): Promise<void> {
      proxy.redirect((await startTestApp(shared)).port);
      await old.stop();
    },
  };
}
