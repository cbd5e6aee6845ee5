import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { startTestApp } from "../support/app.js";

vi.setConfig({ testTimeout: 60_000 });

/** The answers in what a block has printed, one after the other. */
const answersIn = (output: string) =>
  output
    .trim()
    .split(/(?<=})\n*(?={)/)
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text));

/** What each block of docs/auth.md that is marked as runnable must print. */
const OUTPUTS: Record<string, (output: string) => void> = {
  token: (output) => expect(output.trim()).toBe(""),
  client(output) {
    const [client, secret] = answersIn(output);
    expect(client.data).toMatchObject({ id: "till", name: "the till", secrets: [], scopes: [] });
    expect(secret.data).toMatchObject({ name: "spring", clear: expect.stringMatching(/^.{43}$/) });
  },
  scopes(output) {
    const [client] = answersIn(output);
    expect(client.data.scopes).toHaveLength(1);
  },
  introspection(output) {
    expect(answersIn(output)[0]).toMatchObject({ active: true, client_id: "first" });
  },
  revocation(output) {
    expect(answersIn(output)[0].errorMessage).toMatch(/revoked/);
  },
};

const page = readFileSync("docs/auth.md", "utf8");
const blocks = [...page.matchAll(/<!-- runnable: (\S+) -->\n```sh\n(.*?)\n```\n/gs)].map(
  ([, name = "", code = ""]) => ({ name, code }),
);

test("what docs/auth.md shows works as it stands there, from top to bottom, but for the port", async () => {
  expect(blocks.map(({ name }) => name)).toEqual(Object.keys(OUTPUTS));
  expect(page.match(/runnable:/g)).toHaveLength(blocks.length);
  const app = await startTestApp();
  const here = blocks.map(({ code }) => code.replaceAll("localhost:8080", `localhost:${app.port}`));
  const { stdout } = await promisify(execFile)("sh", ["-ec", here.join("\nprintf '\f'\n")], {
    env: { ...process.env, CLIENT_ID: app.clientId, CLIENT_SECRET: app.clientSecret },
  });
  const outputs = stdout.split("\f");
  for (const [index, { name }] of blocks.entries()) OUTPUTS[name]?.(outputs[index] ?? "");
});
