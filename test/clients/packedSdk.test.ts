import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/app.js";
import { hasChromium } from "../support/browser.js";
import { installPackedSdk, run } from "./packedSdk.js";
import { TYPED_PROGRAM } from "./typedProgram.js";
import { openViteApp } from "./viteApp.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CERTIFICATE = "test/support/tls/first";

const readme = await readFile("sdk/README.md", "utf8");

let folder = "";
beforeAll(async () => {
  const installed = await installPackedSdk();
  folder = installed.folder;
  return installed.remove;
});

test("the packed SDK, installed in a fresh folder, runs the first example of its README", async () => {
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const committed = "transaction 0 is committed\n{ 'EUR/2': '1999' }\n";
  expect(await runExample(example, await startTestApp(), "http")).toBe(committed);
  const tls = { TLS_CERT_FILE: `${CERTIFICATE}.crt`, TLS_KEY_FILE: `${CERTIFICATE}.key` };
  expect(await runExample(example, await startTestApp(tls), "https")).toBe(committed);
});

/** What each block of the README that is marked as runnable prints, one after the other on one server. */
const OUTPUTS: Record<string, string> = {
  amounts: [
    "1999n",
    "19.99",
    "EUR/2 1999",
    "{ asset: 'EUR/2', amount: 1999n }",
    "{ name: 'EUR', decimals: 2 }",
    "19.999 has more decimal places than EUR/2",
  ].join("\n"),
  lists: "at most 5: 1\nevery one: 0n",
  errors: "users:2 has 0.00 of 19.99\ntrue true TRANSACTION_NOT_FOUND",
  watch: "log 0n newTransaction",
  stream: "paid 2026-11 users:1\npaid 2026-11 users:2\npaid 2026-11 users:3",
};

test("so do all other examples for Node", async () => {
  const app = await startTestApp();
  const first = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  await runExample(first, app, "http");
  const blocks = [...readme.matchAll(/<!-- runnable: (\S+) -->\n```js\n(.*?)```/gs)];
  expect(blocks.map(([, name]) => name)).toEqual(Object.keys(OUTPUTS));
  expect(readme.match(/runnable:/g)).toHaveLength(blocks.length);
  for (const [, name = "", code = ""] of blocks) {
    expect(await runExample(code, app, "http")).toBe(`${OUTPUTS[name]}\n`);
  }
});

test("programs that are no modules load it, too", async () => {
  const code = 'console.log(require("@florin/sdk").formatAmount("1999", "EUR/2"))';
  const { stdout } = await run(process.execPath, ["-e", code], { cwd: folder });
  expect(stdout).toBe("19.99\n");
  const version = 'require("@florin/sdk/package.json").version';
  const { stdout: installed } = await run(process.execPath, ["-p", version], { cwd: folder });
  expect(installed).toMatch(/^\d+\.\d+\.\d+$/m);
});

/** What the test adds to the app. */
const READ_AGAIN = `
  globalThis.readAgain = () =>
    florin.ledger.countTransactions({ ledger: "main" }).then(({ count }) => String(count), String);
`;

test.skipIf(!hasChromium)(
  "an app of the README's files, built by Vite: in Chromium a person logs in, pays and reads",
  async () => {
    const [, login = ""] = /```js\n\/\/ login\.js\n(.*?)```/s.exec(readme) ?? [];
    const [, main = ""] = /```js\n\/\/ main\.js\n(.*?)```/s.exec(readme) ?? [];
    const { page, app, logIn } = await openViteApp(folder, {
      "login.js": login,
      "main.js": `${main}${READ_AGAIN}`,
    });
    await logIn("ada");
    await page.getByText("You have 19.99 EUR").waitFor();
    expect(new URL(page.url()).search).toBe("");
    await page.clock.install();
    await page.reload();
    await page.getByText("You have 39.98 EUR").waitFor();

    // Half a minute before the token's time is over, calls share one new one.
    let renewals = 0;
    page.on("request", (request) => {
      if (request.postData()?.includes("grant_type=refresh_token")) renewals += 1;
    });
    await page.clock.fastForward("59:30");
    expect(await page.evaluate("Promise.all([readAgain(), readAgain()])")).toEqual(["2", "2"]);
    expect(renewals).toBe(1);

    const headers = { Authorization: `Bearer ${await app.token()}` };
    const url = `${app.url}/api/ledger/main/transactions`;
    const response = await fetch(url, { method: "HEAD", headers });
    expect(response.headers.get("Count")).toBe("2");
  },
);

test("requests that are wrong do not compile, in the module systems of Node and of bundlers", async () => {
  await writeFile(join(folder, "typed.mts"), TYPED_PROGRAM);
  for (const module of [
    ["--module", "NodeNext"],
    ["--module", "ESNext", "--moduleResolution", "bundler"],
  ]) {
    const tsc = join(process.cwd(), "node_modules/typescript/bin/tsc");
    const flags = ["--noEmit", "--strict", "--target", "ES2023", ...module];
    await run(process.execPath, [tsc, ...flags, "typed.mts"], { cwd: folder }).catch((error) =>
      expect.unreachable(error.stdout),
    );
  }
});

test("what browsers get has nothing of Node, and amounts alone have nothing of Connect", async () => {
  const all = await inputsOf('export * from "@florin/sdk";');
  expect(all).toContain("@florin/sdk/dist/sdk/src/browser.js");
  expect(all).toContain("@connectrpc/connect-web");
  expect(all).not.toContain("connect-node");

  const amounts = await inputsOf('export { formatAmount, parseAmount } from "@florin/sdk";');
  expect(amounts).toContain("@florin/sdk/dist/sdk/src/amounts.js");
  expect(amounts).not.toMatch(/connectrpc|bufbuild|_pb\.js/);
});

/** Files that a bundle for browsers takes something from. It would not build if it met anything of Node. */
async function inputsOf(contents: string): Promise<string> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
  });
  const [bundle] = Object.values(metafile.outputs);
  return Object.entries(bundle?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path)
    .join("\n");
}

async function runExample(code: string, app: TestApp, scheme: string): Promise<string> {
  await writeFile(join(folder, "example.mjs"), code);
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
