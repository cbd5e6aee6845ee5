import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { expect, inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder where every process of the run keeps what servers told, and the secrets that they were not to tell. */
    evidence: string;
  }
}

/** Where text came from, and the text: what a server logged, or answered with an error. */
export interface Told {
  readonly where: string;
  readonly text: string;
}

/** Keeps what a server has told, for the search at the end of the run. */
export function keepTold(text: string): void {
  const { testPath = "", currentTestName = "" } = expect.getState();
  append("told", { where: `${testPath} > ${currentTestName}`, text } satisfies Told);
}

/** Log of servers whose test does not read it: down to the last detail, for the search at the end of the run. */
export const keptLogger = (): Logger => pino({ base: null, level: "trace" }, { write: keepTold });

/** Shorter ones may be words, and plainer ones are texts that try how long one may be. */
const LEAST_LENGTH = 12;
const LEAST_CHARACTERS = 5;

/** From now on, and before: no server of the run may tell this. */
export function keepSecret(secret: unknown): void {
  if (typeof secret !== "string" || secret.length < LEAST_LENGTH) return;
  if (new Set(secret).size >= LEAST_CHARACTERS) append("secrets", secret);
}

const SECRET_VARIABLES = [
  "ENCRYPTION_KEY",
  "BOOTSTRAP_CLIENT_SECRET",
  "DELEGATED_CLIENT_SECRET",
  "EVENTS_HTTP_SECRET",
  "EVENTS_KAFKA_PASSWORD",
  "SOURCE_TOKEN",
];

/** The secrets of a configuration. */
export function keepSecretsOf(variables: NodeJS.ProcessEnv): void {
  for (const name of SECRET_VARIABLES) keepSecret(variables[name]);
  keepSecret(/^\w+:\/\/[^/@]*:([^/@]+)@/.exec(variables["DATABASE_URL"] ?? "")?.[1]);
}

function append(file: "told" | "secrets", value: unknown): void {
  appendFileSync(join(inject("evidence"), file), `${JSON.stringify(value)}\n`);
}
