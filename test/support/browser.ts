import { existsSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { onLoopback } from "./onLoopback.js";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Whether this machine has a browser to test with. */
export const hasChromium = existsSync(executablePath);

/**
 * A page in headless Chromium, from an origin of its own on loopback, that runs the bundled `script`. Ends with the
 * test. `hosts` are names that the browser shall find at an address: "florin.test 127.0.0.1:8080".
 */
export async function openPage(script: string, hosts: readonly string[] = []): Promise<Page> {
  const bundle = await build({
    entryPoints: [script],
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
  });
  const html = `<!doctype html><title>Florin</title><script type="module">${
    bundle.outputFiles[0]?.text.replaceAll("</script", "<\\/script") ?? ""
  }</script>`;
  const home = await startSite((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(html);
  });
  return openBrowser(home, hosts);
}

/** Serves a site on loopback until the test ends; answers where: "http://127.0.0.1:<port>/". */
export async function startSite(serve: RequestListener): Promise<string> {
  return `http://${await onLoopback(createServer(serve))}/`;
}

/** A page of a browser with a fresh profile, at `url`; ends with the test. `hosts` as for `openPage`. */
export async function openBrowser(url: string, hosts: readonly string[] = []): Promise<Page> {
  const page = await emptyPage(hosts);
  await page.goto(url);
  return page;
}

/** A page in headless Chromium that is nowhere yet. Ends with the test. */
export async function emptyPage(hosts: readonly string[] = []): Promise<Page> {
  // A fresh profile each time: playwright makes one and removes it.
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      `--host-resolver-rules=${hosts.map((host) => `MAP ${host}`).join(",")}`,
    ],
  });
  onTestFinished(() => browser.close());
  return browser.newPage();
}
