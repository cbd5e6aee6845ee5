import { readFile } from "node:fs/promises";
import { DEFAULT_CLIENT_ID, firstClientFile, tokenRequest } from "../auth/firstClient.js";
import { loadConfig } from "../config.js";

/** Prints an access token of the first client, and nothing else, so that a shell can put it into a variable. */
export async function fetchToken({ scope }: { readonly scope?: string }): Promise<void> {
  const { dataDir, publicUrl, ...config } = loadConfig(process.env);
  const { bootstrapClientId: id, bootstrapClientSecret: secret } = config;
  const file = firstClientFile(dataDir, id);
  const body =
    secret === null
      ? new URLSearchParams(await readFile(file, "utf8").catch(() => noCredentials(file)))
      : tokenRequest({ clientId: id ?? DEFAULT_CLIENT_ID, clientSecret: secret });
  if (scope !== undefined) body.set("scope", scope);
  const url = `${publicUrl}/api/auth/oauth/token`;
  const response = await fetch(url, { method: "POST", body }).catch((cause: Error) => {
    throw new Error(`No server answers at ${url}.`, { cause });
  });
  const answer = (await response.json()) as { access_token?: string };
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
  console.log(answer.access_token);
}

function noCredentials(file: string): never {
  throw new Error(
    `There are no credentials in ${file}: set BOOTSTRAP_CLIENT_ID and BOOTSTRAP_CLIENT_SECRET, or start the server first.`,
  );
}
