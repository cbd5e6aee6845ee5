import { readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Page } from "playwright-core";
import { build } from "vite";
import type { TestApp } from "../support/app.js";
import { openBrowser, startSite } from "../support/browser.js";
import { FLORIN, makePublicClient, startWithLogins } from "./logins.js";
import { link } from "./packedSdk.js";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/**
 * An app of `files`, the first to run being main.js, built by Vite in `folder` and opened in Chromium, with a Florin server that
 * people log in at.
 */
export async function openViteApp(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<{ page: Page; app: TestApp; logIn(name: string): Promise<void> }> {
  const { app, upstream, hosts } = await startWithLogins();
  const home = await startSite(async (request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://site.test");
    const path = pathname === "/" ? "/index.html" : pathname;
    const body = await readFile(join(folder, "dist", path)).catch(() => null);
    response.writeHead(body === null ? 404 : 200, { "Content-Type": TYPES[extname(path)] ?? "" });
    response.end(body);
  });
  const clientId = await makePublicClient(app, home);

  await link(folder, "openid-client");
  const all = {
    ...files,
    "index.html": '<!doctype html><body><script type="module" src="main.js"></script></body>',
    ".env": `VITE_FLORIN_URL=${FLORIN}\nVITE_CLIENT_ID=${clientId}\n`,
  };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
  // The server is at http, as on a developer's machine.
  const define = { "import.meta.env.DEV": "true" };
  await build({ root: folder, define, logLevel: "warn", configFile: false });

  const page = await openBrowser(home, hosts);
  return {
    page,
    app,
    async logIn(name) {
      await page.waitForURL(`${upstream.issuer}/**`);
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Log in" }).click();
    },
  };
}
