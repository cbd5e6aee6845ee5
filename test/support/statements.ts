import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { Client } from "pg";

/** Each statement that this process sends from now on is added to `file`, once, without its values. */
export function recordStatements(file: string): void {
  const seen = new Set<string>();
  const send = Client.prototype.query;
  // The overloads of `query` differ only in what follows the statement.
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const [query] = args as [string | { text: string }];
    const text = typeof query === "string" ? query : query.text;
    if (!seen.has(text)) appendFileSync(file, `${JSON.stringify(text)}\n`);
    seen.add(text);
    return send.apply(this, args as never);
  } as typeof send;
}

/** What all processes have recorded in `file`. */
export const recordedStatements = (file: string): Set<string> =>
  new Set(
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line))
      : [],
  );
