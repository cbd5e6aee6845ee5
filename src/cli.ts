#!/usr/bin/env node
import { Command } from "commander";
import { fetchToken } from "./cli/fetchToken.js";
import { migrateOnly } from "./cli/migrateOnly.js";
import { verify } from "./cli/verify.js";
import { serve } from "./serve.js";
import { version } from "./version.js";

const florin = new Command("florin")
  .description("An open money stack. Configured by environment variables: see README.md.")
  .version(version);

florin.command("serve").description("run the server").action(serve);
florin
  .command("migrate")
  .description("bring the database to this version's schema, and stop")
  .action(migrateOnly);
florin
  .command("token")
  .description("print an access token of the first client, for a server that runs")
  .option("--scope <scopes>", "only these scopes, with spaces between")
  .action(fetchToken);
florin
  .command("verify")
  .description("follow a ledger's hash chain and derive every balance from it again")
  .argument("<ledger>")
  .option("--expect <log:hash>", "the chain must hold this log: its id, a colon and its hash")
  .action(verify);

await florin.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
