/** What a block has printed: JSON values, one after the other, and lines that are none. */
export function answersIn(output: string): unknown[] {
  const answers: unknown[] = [];
  let open = "";
  for (const line of output.replaceAll("}{", "}\n{").split("\n")) {
    if (line.trim() === "") continue;
    open += line;
    if (!open.startsWith("{")) {
      answers.push(open);
      open = "";
      continue;
    }
    try {
      answers.push(JSON.parse(open));
      open = "";
    } catch {
      open += "\n";
    }
  }
  return open === "" ? answers : [...answers, open];
}

/** Whether `actual` is what a page shows; "…" there stands for any text, and as a key for any other members. */
export function matches(actual: unknown, shown: unknown): boolean {
  if (typeof shown === "string") {
    const [begin = "", ...rest] = shown.split("…");
    return rest.length === 0 ? actual === shown : String(actual).startsWith(begin);
  }
  if (typeof shown !== "object" || shown === null) return actual === shown;
  if (typeof actual !== "object" || actual === null) return false;
  const { "…": others, ...members } = shown as Record<string, unknown>;
  const had = actual as Record<string, unknown>;
  return (
    Array.isArray(shown) === Array.isArray(actual) &&
    (others !== undefined || Object.keys(had).length === Object.keys(members).length) &&
    Object.entries(members).every(([key, value]) => matches(had[key], value))
  );
}
