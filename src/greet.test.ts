import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { firstClientFile } from "./auth/firstClient.js";
import { loadConfig } from "./config.js";
import { greeting } from "./greet.js";

/** What a start says that finds the file of a generated secret in its DATA_DIR. */
function greetWith(variables: NodeJS.ProcessEnv): string {
  const folder = mkdtempSync(join(tmpdir(), "florin-greet-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(firstClientFile(folder, null), "client_secret=generated");
  return greeting(loadConfig({ DATA_DIR: folder, ...variables }), {
    port: 8080,
    firstClient: null,
  });
}

test("the curl line logs in with the secret that was generated", () => {
  expect(greetWith({})).toMatch(/-d "@\S+client-florin\.form"/);
});

test("the curl line logs in with the configured secret, though an older one was generated", () => {
  const line = greetWith({ BOOTSTRAP_CLIENT_SECRET: "configured-by-the-operator" });
  expect(line).toContain('-d "client_id=florin" -d "client_secret=$BOOTSTRAP_CLIENT_SECRET"');
  expect(line).not.toContain("configured-by-the-operator");
});

test("the curl line needs no login where there is none", () => {
  expect(greetWith({ AUTH_ENABLED: "false" })).not.toContain("Authorization");
});

test("the start says where to read about all operations", () => {
  expect(greetWith({ PORT: "8080" })).toContain("http://localhost:8080/docs\n");
});
