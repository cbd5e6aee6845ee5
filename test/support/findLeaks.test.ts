import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findLeaks } from "./findLeaks.js";
import { freshFolder } from "./freshFolder.js";

/** What is found where a server told `text`, and "the secret/of all" was not to be told. */
async function leaksIn(text: string): Promise<string[]> {
  const folder = await freshFolder();
  appendFileSync(join(folder, "secrets"), `${JSON.stringify("the secret/of all")}\n`);
  appendFileSync(join(folder, "told"), `${JSON.stringify({ where: "a test", text })}\n`);
  return findLeaks(folder);
}

test.each([
  '{"msg":"it was the secret/of all"}',
  "/path?secret=the%20secret%2Fof%20all",
  `token ${["eyJhbGciOiJS", "eyJzdWIiOiJt", "c2lnbmF0dXJl"].join(".")}`,
  '{"authorization":"Bearer abcdefghijklmnop"}',
  '{"authorization":"Basic Zmlyc3Q6c2VjcmV0"}',
  "postgresql://florin:pa55word@db/florin",
  "-----BEGIN PRIVATE KEY-----",
])("a secret is found in %s", async (text) => {
  expect(await leaksIn(text)).toEqual([`a test\n  ${text}`]);
});

test.each([
  '{"msg":"the secret of all"}',
  '{"www-authenticate":"Bearer"}',
  "postgresql://florin@db/florin",
])("there is none in %s", async (text) => {
  expect(await leaksIn(text)).toEqual([]);
});
