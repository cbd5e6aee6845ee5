import { existsSync } from "node:fs";
import type { App } from "./app.js";
import { DEFAULT_CLIENT_ID, firstClientFile } from "./auth/firstClient.js";
import type { Config } from "./config.js";
import { version } from "./version.js";

/** What a person who starts the server reads: where it is, who may call, and a line that works as pasted. */
export function greeting(config: Config, { port, firstClient }: Pick<App, "port" | "firstClient">) {
  const url = config.tls ? config.publicUrl : `http://${hostOf(config.host)}:${port}`;
  const lines = [`Florin ${version} listens on ${url}`, ""];
  if (firstClient) {
    lines.push(
      "The first client, shown this once:",
      `  client id      ${firstClient.clientId}`,
      `  client secret  ${firstClient.clientSecret}`,
      "",
    );
  }
  lines.push("A first transaction:", `  ${curlLine(config, url)}`, "");
  lines.push(`All operations, to read and to try: ${url}/docs`, "");
  return lines.join("\n");
}

const hostOf = (host: string): string =>
  ["0.0.0.0", "::", "127.0.0.1"].includes(host) ? "localhost" : host.replace(/.*:.*/, "[$&]");

const TRANSACTION =
  '{"postings":[{"source":"world","destination":"users:alice","asset":"EUR/2","amount":1999}]}';

function curlLine(config: Config, url: string): string {
  const { dataDir, bootstrapClientId: id, bootstrapClientSecret: secret } = config;
  const file = firstClientFile(dataDir, id);
  // A configured secret replaces the generated one, whose file may still be there. It is not ours to print.
  const login =
    secret === null && existsSync(file)
      ? `-d "@${file}"`
      : `-d grant_type=client_credentials -d "client_id=${id ?? DEFAULT_CLIENT_ID}" -d "client_secret=$BOOTSTRAP_CLIENT_SECRET"`;
  const token = `$(curl -s ${url}/api/auth/oauth/token ${login} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`;
  const header = config.authEnabled ? ` -H "Authorization: Bearer ${token}"` : "";
  return `curl -s ${url}/api/ledger/main/transactions${header} -d '${TRANSACTION}'`;
}
