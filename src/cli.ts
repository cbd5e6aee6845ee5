#!/usr/bin/env node
import { Command } from "commander";
import { version } from "./version.js";

// Each command loads only what it needs: a token should not wait for a server to be loaded.
const florin = new Command("florin")
  .description("An open money stack. Configured by environment variables: see README.md.")
  .version(version);

florin
  .command("serve")
  .description("run the server")
  .action(async () => (await import("./serve.js")).serve());
florin
  .command("migrate")
  .description("bring the database to this version's schema, and stop")
  .action(async () => (await import("./cli/migrateOnly.js")).migrateOnly());
florin
  .command("token")
  .description("print an access token of the first client, for a server that runs")
  .option("--scope <scopes>", "only these scopes, with spaces between")
  .action(async (options) => (await import("./cli/fetchToken.js")).fetchToken(options));
florin
  .command("verify")
  .description("follow a ledger's hash chain and derive every balance from it again")
  .argument("<ledger>")
  .option("--expect <log:hash>", "the chain must hold this log: its id, a colon and its hash")
  .action(async (ledger, options) => (await import("./cli/verify.js")).verify(ledger, options));

await florin.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
