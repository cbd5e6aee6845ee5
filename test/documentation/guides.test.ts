import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { startTestApp } from "../support/app.js";
import { answersIn, matches } from "./answers.js";

vi.setConfig({ testTimeout: 120_000 });

const GUIDES = readdirSync("docs/guides").filter((page) => page !== "recipes.md");

/** The blocks that are run, each with the answers that stand below it. */
const stepsOf = (page: string) =>
  page
    .split("<!-- runnable -->\n")
    .slice(1)
    .map((part) => {
      const [whole = "", code = ""] = /^```sh\n(.*?)\n```\n/s.exec(part) ?? [];
      const below = part.slice(whole.length);
      const shown = [...below.matchAll(/^```(?:json)?\n(.*?)\n```$/gms)].map(
        ([, text = ""]) => text,
      );
      return { code, shown: shown.flatMap(answersIn) };
    });

test.each(GUIDES)("what %s shows works, from top to bottom, and answers as shown", async (name) => {
  const app = await startTestApp();
  const steps = stepsOf(readFileSync(`docs/guides/${name}`, "utf8"));
  const here = steps.map(({ code }) => code.replaceAll("localhost:8080", `localhost:${app.port}`));
  const { stdout } = await promisify(execFile)("sh", ["-ec", here.join("\nprintf '\f'\n")], {
    env: {
      ...process.env,
      PUBLIC_URL: app.url,
      DATABASE_URL: app.databaseUrl,
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      BOOTSTRAP_CLIENT_ID: app.clientId,
      BOOTSTRAP_CLIENT_SECRET: app.clientSecret,
    },
  });
  for (const [index, output] of stdout.split("\f").entries()) {
    const step = steps[index];
    const answers = answersIn(output);
    expect(answers.length, `${step?.code}\n${output}`).toBe(step?.shown.length);
    for (const [at, answer] of answers.entries()) {
      expect(matches(answer, step?.shown[at]), `${step?.code}\n${output}`).toBe(true);
    }
  }
});
