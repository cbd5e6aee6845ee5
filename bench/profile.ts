// Where the CPU time of the server went, by a profile that BENCH_PROFILE left: shares of rooms and packages, of functions
// themselves, and of functions with all that they called. `npm run bench:profile -- <file>`
import { readFileSync } from "node:fs";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const LINES = 25;
const WAITING = ["(root)", "(idle)", "(program)"];

const [, , file = ""] = process.argv;
const { nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(file, "utf8"));
const nodeOf = new Map(nodes.map((node) => [node.id, node]));

const micros = new Map<number, number>();
for (const [index, id] of samples.entries()) {
  micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[index] ?? 0));
}

const rooms = new Map<string, number>();
const own = new Map<string, number>();
const whole = new Map<string, number>();
const add = (to: Map<string, number>, name: string, time: number) =>
  to.set(name, (to.get(name) ?? 0) + time);

/** Time below `id`. A function that calls itself counts once. */
function visit(id: number, callers: readonly string[]): number {
  const node = nodeOf.get(id);
  if (node === undefined) return 0;
  const name = nameOf(node);
  const self = micros.get(id) ?? 0;
  const path = [...callers, name];
  const total = (node.children ?? []).reduce((sum, child) => sum + visit(child, path), self);
  add(own, name, self);
  add(rooms, roomOf(name), self);
  if (!callers.includes(name)) add(whole, name, total);
  return total;
}

/** Without lines: sources are translated when they are loaded, each onto one line. */
function nameOf({ callFrame: { functionName, url } }: ProfileNode): string {
  const place = url.replace(/^.*\/(node_modules|src|gen)\//, "$1/");
  return `${functionName || "(anonymous)"} ${place}`.trim();
}

/** The package or the folder that a function is in; what has neither is Node's own. */
const roomOf = (name: string): string =>
  /(node_modules\/(@[^/]+\/)?|src\/|gen\/|node:)[^/]+/.exec(name)?.[0] ?? name;

const [root] = nodes;
const all = root === undefined ? 0 : visit(root.id, []);
const busy = all - WAITING.reduce((sum, name) => sum + (own.get(name) ?? 0), 0);
for (const [title, times] of Object.entries({
  "by room": rooms,
  itself: own,
  "with what it calls": whole,
})) {
  console.log(`\n% of busy time, ${title}:`);
  const sorted = [...times].filter(([name]) => !WAITING.includes(name));
  sorted.sort(([, one], [, other]) => other - one);
  for (const [name, time] of sorted.slice(0, LINES)) {
    console.log(`${((100 * time) / busy).toFixed(1).padStart(5)}  ${name}`);
  }
}
