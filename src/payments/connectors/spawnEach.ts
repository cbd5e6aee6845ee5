import type { Json } from "../../lib/parseJson.js";
import type { Page } from "./connector.js";
import { textAt } from "./json.js";

/** A task for each item, by its `key`. Items without one are `problem`s. */
export function spawnEach<Task>(
  items: readonly Json[],
  {
    key,
    problem,
    task,
  }: { readonly key: string; readonly problem: string; readonly task: (id: string) => Task },
): Pick<Page<Task>, "spawn" | "problems"> {
  const ids = items.map((item) => textAt(item, key));
  const found = ids.filter((id) => id !== "");
  return { spawn: found.map(task), problems: found.length < ids.length ? [problem] : [] };
}
