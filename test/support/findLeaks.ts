import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Told } from "./evidence.js";

/** What is a secret by its looks, whoever made it. */
const SHAPES = [
  /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/,
  /\b(?:Bearer|Basic) [\w.~+/-]{12,}/i,
  /\b\w+:\/\/[^/@\s:"]+:[^/@\s"]+@/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];

/** Each line of what servers of a run have told that holds a secret, with where it came from. */
export function findLeaks(folder: string): string[] {
  const holds = search(read<string>(join(folder, "secrets")));
  return read<Told>(join(folder, "told"))
    .filter(({ text }) => SHAPES.some((shape) => shape.test(text)) || holds(text))
    .map(({ where, text }) => `${where}\n  ${text.trim()}`);
}

const read = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line))
    : [];

/** So many characters of each secret are looked up at each place of a text. */
const HEAD = 12;

/** Whether a text holds one of `secrets`, as it is, or as it travels in URLs. There are thousands of both. */
function search(secrets: readonly string[]): (text: string) => boolean {
  const byHead = new Map<string, Set<string>>();
  for (const secret of secrets) {
    for (const spelling of [secret, encodeURIComponent(secret)]) {
      const head = spelling.slice(0, HEAD);
      byHead.set(head, (byHead.get(head) ?? new Set()).add(spelling));
    }
  }
  return (text) => {
    for (let at = 0; at + HEAD <= text.length; at++) {
      const candidates = byHead.get(text.slice(at, at + HEAD));
      if (candidates === undefined) continue;
      for (const secret of candidates) if (text.startsWith(secret, at)) return true;
    }
    return false;
  };
}
