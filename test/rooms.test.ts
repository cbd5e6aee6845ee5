import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Pairs of a file's place and a module it must not import. */
const FORBIDDEN = [
  ["src/ledger/domain/decide.ts", "../store/head.js"],
  ["src/ledger/domain/decide.ts", "knex"],
  ["src/ledger/domain/decide.ts", "pg"],
  ["src/ledger/domain/decide.ts", "jose"],
  ["src/ledger/domain/decide.ts", "node:fs"],
  ["src/ledger/domain/decide.ts", "@connectrpc/connect"],
  ["src/ledger/domain/decide.ts", "../../../gen/florin/ledger/v1/ledger_pb.js"],
  ["src/ledger/store/head.ts", "../../../gen/florin/ledger/v1/ledger_pb.js"],
  ["src/ledger/store/head.ts", "@connectrpc/connect"],
  ["src/ledger/store/head.ts", "../../payments/store/payments.js"],
  ["src/ledger/write/batch.ts", "../../server/unwrap.js"],
  ["src/ledger/createTransactions.ts", "../../gen/florin/ledger/v1/ledger_pb.js"],
  ["src/ledger/createTransactions.ts", "../server/unwrap.js"],
  ["src/ledger/service.ts", "../payments/service.js"],
  ["src/auth/service.ts", "../ledger/service.js"],
  ["src/auth/keys/rotateKeys.ts", "../../server/unwrap.js"],
  ["src/auth/keys/rotateKeys.ts", "@connectrpc/connect"],
  ["src/server/metricsPage.ts", "../auth/access/authenticate.js"],
  ["src/server/interceptors/recordCall.ts", "../../auth/access/authenticate.js"],
  ["src/server/createHandler.ts", "../ledger/service.js"],
  ["src/payments/service.ts", "../auth/verify.js"],
  ["src/payments/connectors/stripe/stripe.ts", "../../../db/database.js"],
  ["src/payments/connectors/stripe/stripe.ts", "../../store/payments.js"],
  ["src/numscript/parse.ts", "../ledger/domain/posting.js"],
  ["src/numscript/parse.ts", "node:fs"],
  ["src/events/publish.ts", "../ledger/ledger.js"],
  ["src/events/publish.ts", "../../gen/florin/ledger/v1/ledger_pb.js"],
  ["src/events/store/outbox.ts", "../../ledger/store/head.js"],
  ["src/lib/result.ts", "../db/database.js"],
  ["src/tracing/startTracing.ts", "../server/metrics.js"],
  ["src/db/database.ts", "../ledger/ledger.js"],
  ["sdk/src/index.ts", "../../src/lib/result.js"],
] as const;

const ALLOWED = [
  ["src/ledger/domain/decide.ts", "../../lib/result.js"],
  ["src/ledger/domain/decide.ts", "node:crypto"],
  ["src/ledger/domain/decide.ts", "./volumes.js"],
  ["src/ledger/store/head.ts", "../../db/database.js"],
  ["src/ledger/store/head.ts", "knex"],
  ["src/ledger/service.ts", "../../gen/florin/ledger/v1/ledger_pb.js"],
  ["src/ledger/errors.ts", "@connectrpc/connect"],
  ["src/auth/access/authenticate.ts", "../../server/principal.js"],
  ["src/server/healthService.ts", "../../gen/grpc/health/v1/health_pb.js"],
  ["src/payments/connectors/stripe/stripe.ts", "../connector.js"],
  ["src/numscript/parse.ts", "./lexer.js"],
  ["src/numscript/parse.ts", "../lib/result.js"],
  ["src/events/store/outbox.ts", "../../db/database.js"],
  ["src/tracing/startTracing.ts", "../lib/tracing.js"],
] as const;

const biome = join(process.cwd(), "node_modules/.bin/biome");
const folder = mkdtempSync(join(tmpdir(), "florin-rooms-"));
/** "file module" of each import that Biome refused. */
const refused = new Set<string>();

/** Writes each file with all its imports, a line each, and lints them with our own configuration. */
beforeAll(() => {
  const config = JSON.parse(readFileSync("biome.json", "utf8"));
  writeFileSync(
    join(folder, "biome.json"),
    JSON.stringify({ ...config, $schema: undefined, vcs: {} }),
  );
  const imports = new Map<string, string[]>();
  for (const [file, module] of [...FORBIDDEN, ...ALLOWED]) {
    imports.set(file, [...(imports.get(file) ?? []), module]);
  }
  for (const [file, modules] of imports) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), modules.map((module) => `import "${module}";\n`).join(""));
  }
  const { stdout } = spawnSync(
    biome,
    ["lint", "--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none"],
    { cwd: folder, encoding: "utf8" },
  );
  for (const { location } of JSON.parse(stdout).diagnostics) {
    const module = imports.get(location.path)?.[location.start.line - 1];
    refused.add(`${location.path} ${module}`);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(FORBIDDEN)("%s must not import %s", (file, module) => {
  expect(refused).toContain(`${file} ${module}`);
});

test.each(ALLOWED)("%s may import %s", (file, module) => {
  expect(refused).not.toContain(`${file} ${module}`);
});
