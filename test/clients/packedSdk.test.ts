import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/app.js";
import { freshFolder } from "../support/freshFolder.js";

const run = promisify(execFile);

/** npm's words for a registry that cannot be reached. */
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

const CERTIFICATE = "test/support/tls/first";

const TYPED = `
import { createFlorin, type Florin } from "@florin/sdk";
import type { Transaction } from "@florin/sdk/gen/florin/ledger/v1/transaction_pb.js";

const florin: Florin = createFlorin({ baseUrl: "", clientId: "", clientSecret: "" });
const { cursor } = await florin.ledger.listTransactions({ ledger: "main" });
export const latest: Transaction | undefined = cursor?.data[0];
// @ts-expect-error: amounts are text
florin.ledger.createTransaction({ transaction: { postings: [{ amount: 5 }] } });
`;

test("the packed SDK, installed in an empty folder, runs the example of its README", async (context) => {
  const folder = await freshFolder();
  await pack(folder);
  const installed = await install(folder);
  context.skip(!installed, "the npm registry cannot be reached");

  const readme = await readFile("sdk/README.md", "utf8");
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  await writeFile(join(folder, "example.mjs"), example);
  const committed = "transaction 0 is committed\n{ 'EUR/2': '1999' }\n";
  expect(await runExample(folder, await startTestApp(), "http")).toBe(committed);
  const tls = { TLS_CERT_FILE: `${CERTIFICATE}.crt`, TLS_KEY_FILE: `${CERTIFICATE}.key` };
  expect(await runExample(folder, await startTestApp(tls), "https")).toBe(committed);

  await writeFile(join(folder, "typed.mts"), TYPED);
  for (const module of [
    ["--module", "NodeNext"],
    ["--module", "ESNext", "--moduleResolution", "bundler"],
  ]) {
    const tsc = join(process.cwd(), "node_modules/typescript/bin/tsc");
    const flags = ["--noEmit", "--strict", "--skipLibCheck", "--target", "ES2023", ...module];
    await run(process.execPath, [tsc, ...flags, "typed.mts"], { cwd: folder });
  }

  // A bundle for browsers would not build if it met anything of Node.
  const bundle = await build({
    stdin: { contents: 'export * from "@florin/sdk";', resolveDir: folder },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
  });
  const inputs = Object.keys(bundle.metafile.inputs).join("\n");
  expect(inputs).toContain("@florin/sdk/dist/sdk/src/browser.js");
  expect(inputs).not.toContain("connect-node");
}, 120_000);

async function runExample(folder: string, app: TestApp, scheme: string): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    FLORIN_URL: `${scheme}://127.0.0.1:${app.port}`,
    FLORIN_CLIENT_ID: app.clientId,
    FLORIN_CLIENT_SECRET: app.clientSecret,
    // The certificate is signed by nobody, and for another name.
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  };
  const { stdout } = await run(process.execPath, ["example.mjs"], { cwd: folder, env });
  return stdout;
}

const pack = (folder: string) =>
  run("npm", ["pack", "--workspace", "sdk", "--pack-destination", folder]);

/** False if the registry, where the package's dependencies are, cannot be reached. */
async function install(folder: string): Promise<boolean> {
  const { version } = JSON.parse(await readFile("sdk/package.json", "utf8"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const options = ["--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=0"];
  try {
    await run("npm", ["install", `./florin-sdk-${version}.tgz`, ...options], { cwd: folder });
    return true;
  } catch (error) {
    if (error instanceof Error && UNREACHABLE.test(error.message)) return false;
    throw error;
  }
}
