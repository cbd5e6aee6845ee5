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

florin
  .command("import")
  .description(
    "fill an empty ledger with another server's, ids, dates and hashes kept; all of it, or nothing",
  )
  .argument("<ledger>")
  .requiredOption("--from <url>", "its ledger API, e.g. https://stack.example.com/api/ledger")
  .option("--as <ledger>", "its name here, if that is to be another one")
  .addHelpText("after", "\nSOURCE_TOKEN is the access token for the other server, if it wants one.")
  .action(async (ledger, options) =>
    (await import("./cli/import/import.js")).importLedger(ledger, options),
  );

const events = florin.command("events").description("see to events that a sink would not take");
events
  .command("dead-letters")
  .description("list them: sink, id, attempts, when it failed, whether it rests, and why")
  .option("--ledger <name>", "only of this ledger")
  .option("--sink <name>", "only of this sink: nats, kafka or http")
  .action(async (options) => (await import("./cli/events.js")).printDeadLetters(options));
events
  .command("replay")
  .description("put those that rest back into delivery; those that arrive disappear")
  .option("--ledger <name>", "only of this ledger")
  .option("--sink <name>", "only of this sink: nats, kafka or http")
  .option("--id <id>", "only this one")
  .action(async (options) => (await import("./cli/events.js")).replay(options));

const keys = florin
  .command("keys")
  .description("see to the keys that sign tokens, and to ENCRYPTION_KEY");
keys
  .command("rotate")
  .description("make a new signing key; servers that run take it up by themselves")
  .option("--revoke-old", "for a key that leaked: refuse everything that older keys have signed")
  .action(async ({ revokeOld = false }) => (await import("./cli/keys.js")).rotate({ revokeOld }));
keys
  .command("reencrypt")
  .description("put everything that is encrypted under the first key of ENCRYPTION_KEY")
  .action(async () => (await import("./cli/keys.js")).reencryptAll());

await florin.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
