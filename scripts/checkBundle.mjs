// Weighs what the SDK adds to a web page, gzipped, and fails above the limits. The programs are bundled from the sources.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const sdk = join(import.meta.dirname, "../sdk/src");

const PROGRAMS = [
  {
    name: "the ledger client",
    limitBytes: 60_000,
    code: `
      import { createFlorin } from "./browser.js";
      const florin = createFlorin({ baseUrl: "https://florin.test", getToken: () => "" });
      const postings = [{ source: "world", destination: "users:1", asset: "EUR/2", amount: "1999" }];
      await florin.ledger.createTransaction({ ledger: "main", transaction: { postings } });
      for await (const { log } of florin.ledger.watchLogs({ ledger: "main" })) console.log(log.id);`,
  },
  {
    // Of all else there must be nothing: it would weigh many times as much.
    name: "amounts alone",
    limitBytes: 1_000,
    code: `
      import { formatAmount, formatMonetary, parseAmount, parseMonetary } from "./browser.js";
      console.log(formatAmount(parseAmount("19.99", "EUR/2"), "EUR/2"));
      console.log(formatMonetary(parseMonetary("EUR/2 1999")));`,
  },
];

for (const { name, limitBytes, code } of PROGRAMS) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: sdk, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
    logLevel: "error",
  });
  const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  const isLight = bytes <= limitBytes;
  const figure = `${bytes} bytes gzipped, at most ${limitBytes}`;
  console.log(`${isLight ? "ok    " : "FAILED"}  bundle of ${name}: ${figure}`);
  if (!isLight) {
    process.exitCode = 1;
    const parts = Object.values(metafile.outputs)[0].inputs;
    const heaviest = Object.entries(parts)
      .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
      .slice(0, 10);
    for (const [path, { bytesInOutput }] of heaviest) console.log(`  ${bytesInOutput} ${path}`);
  }
}
