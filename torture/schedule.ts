import type { Random } from "./random.js";

/** Something that goes wrong. Times are milliseconds. */
export type Fault =
  /** `kill -9`, and a start after a while. */
  | { readonly kind: "kill server"; readonly server: number; readonly downMs: number }
  /** SIGTERM, and a start after a while. */
  | { readonly kind: "stop server"; readonly server: number; readonly downMs: number }
  /** SIGSTOP, then SIGCONT: it does not know that time went by. */
  | { readonly kind: "pause server"; readonly server: number; readonly forMs: number }
  /** PostgreSQL ends at once, as by `pg_ctl stop -m immediate`, while it commits for a server. */
  | { readonly kind: "stop postgres"; readonly server: number }
  /** `kill -9` of PostgreSQL with all its processes, while it commits for a server. */
  | { readonly kind: "kill postgres"; readonly server: number }
  /** `kill -9` of one session, upon which PostgreSQL recovers from a crash. */
  | { readonly kind: "kill session" }
  /** PostgreSQL's disk is full for a while. */
  | { readonly kind: "fill disk"; readonly forMs: number }
  /** All connections between a server and PostgreSQL break, several times. */
  | { readonly kind: "cut"; readonly server: number; readonly times: number }
  /** There is no way from a server to PostgreSQL. */
  | { readonly kind: "unplug"; readonly server: number; readonly forMs: number }
  /** The connection breaks within an answer of PostgreSQL's. */
  | { readonly kind: "cut answer"; readonly server: number; readonly afterBytes: readonly number[] }
  /** A commit happens, and the connection breaks before its answer comes. */
  | { readonly kind: "lose commit"; readonly server: number; readonly times: number }
  /** Bytes take longer, both ways. */
  | {
      readonly kind: "delay";
      readonly server: number;
      readonly byMs: number;
      readonly forMs: number;
    }
  /** Connections stand, new ones too, and nothing passes; then all of it comes, or they break. */
  | {
      readonly kind: "freeze";
      readonly server: number;
      readonly forMs: number;
      readonly end: "thaw" | "cut";
    }
  /** A server's clock is wrong, then right again. */
  | {
      readonly kind: "skew clock";
      readonly server: number;
      readonly byMs: number;
      readonly forMs: number;
    }
  /** Events are refused, not answered, or cut off. */
  | {
      readonly kind: "break sink";
      readonly how: "refuse" | "hang" | "cut";
      readonly forMs: number;
    };

export interface Planned {
  /** Milliseconds after the start; not before the fault ahead of it in its lane is over. */
  readonly at: number;
  readonly fault: Fault;
}

export interface PlanOptions {
  readonly durationMs: number;
  readonly servers: number;
  /** There is time for pauses beyond the longest timeout, and for a full disk. */
  readonly isLong: boolean;
  readonly mayFillDisk: boolean;
}

/** What happens to processes, and what happens between them, goes on at the same time. */
const LANES = {
  processes: [
    "kill server",
    "stop server",
    "pause server",
    "stop postgres",
    "kill postgres",
    "kill session",
  ],
  wires: [
    "cut",
    "unplug",
    "cut answer",
    "lose commit",
    "delay",
    "freeze",
    "skew clock",
    "break sink",
  ],
} as const satisfies Record<string, readonly Fault["kind"][]>;

/** Before the first fault and after the last one, so that there is something to lose, and time to heal. */
const QUIET_MS = 3_000;

/** Lanes of faults, each in the order of time. The same chance gives the same plan. */
export const planFaults = (random: Random, options: PlanOptions): Planned[][] =>
  Object.entries(LANES).map(([lane, kinds]) => {
    const all = options.isLong && lane === "processes" ? [...kinds, "fill disk"] : kinds;
    return planLane(random.fork(lane), all as readonly Fault["kind"][], options);
  });

/** Each kind has its turn before one comes again. */
function planLane(
  random: Random,
  kinds: readonly Fault["kind"][],
  options: PlanOptions,
): Planned[] {
  const planned: Planned[] = [];
  let deck: Fault["kind"][] = [];
  for (let at = QUIET_MS; ; ) {
    if (deck.length === 0) deck = random.shuffle(kinds);
    const kind = deck.pop();
    if (kind === undefined) return planned;
    const fault = draw(random, kind, options);
    const end = at + durationOf(fault);
    if (end > options.durationMs - QUIET_MS) {
      // Shorter ones may still have their turn.
      if (deck.length === 0) return planned;
      continue;
    }
    // Where no disk can be filled, nothing happens for as long: all else is the same everywhere.
    if (fault.kind !== "fill disk" || options.mayFillDisk) planned.push({ at, fault });
    at = end + random.between(500, 3_000);
  }
}

function draw(random: Random, kind: Fault["kind"], options: PlanOptions): Fault {
  const server = random.between(0, options.servers - 1);
  switch (kind) {
    case "kill server":
    case "stop server":
      return { kind, server, downMs: random.between(0, 2_000) };
    case "pause server": {
      // Beyond the lease of events (15 s), or the longest transaction that PostgreSQL lets idle (60 s).
      const isVeryLong = options.isLong && random.chance(0.3);
      const [least, most] = isVeryLong ? [62_000, 66_000] : [16_000, 19_000];
      return { kind, server, forMs: random.between(least, most) };
    }
    case "stop postgres":
    case "kill postgres":
      return { kind, server };
    case "kill session":
      return { kind };
    case "fill disk":
      return { kind, forMs: random.between(5_000, 13_000) };
    case "cut":
      return { kind, server, times: random.between(1, 8) };
    case "unplug": {
      // Some beyond the patience of a writer.
      const forMs = random.chance(0.5)
        ? random.between(500, 3_000)
        : random.between(11_000, 13_000);
      return { kind, server, forMs };
    }
    case "lose commit":
      return { kind, server, times: random.between(2, 8) };
    case "cut answer": {
      const length = random.between(2, 8);
      const afterBytes = Array.from({ length }, () => random.between(1, 20_000));
      return { kind, server, afterBytes };
    }
    case "delay":
      return {
        kind,
        server,
        byMs: random.between(5, 150),
        forMs: random.between(2_000, 5_000),
      };
    case "freeze": {
      // Beyond the time for a connection, and the patience of a writer: 10 s each.
      const forMs = random.between(11_000, 14_000);
      return { kind, server, forMs, end: random.pick(["thaw", "cut"]) };
    }
    case "skew clock": {
      const byMs = random.pick([-1, 1]) * random.between(1_000, 300_000);
      return { kind, server, byMs, forMs: random.between(2_000, 6_000) };
    }
    case "break sink":
      return {
        kind,
        how: random.pick(["refuse", "hang", "cut"]),
        forMs: random.between(1_000, 4_000),
      };
  }
}

/** Between the breaks of one fault. */
export const BREAK_PAUSE_MS = 400;

/** About how long a fault lasts, its healing included. */
function durationOf(fault: Fault): number {
  if ("forMs" in fault) return fault.forMs;
  switch (fault.kind) {
    case "kill server":
    case "stop server":
      return fault.downMs + 2_500;
    case "cut":
    case "lose commit":
      return fault.times * BREAK_PAUSE_MS;
    case "cut answer":
      return fault.afterBytes.length * BREAK_PAUSE_MS;
    default:
      return 3_000;
  }
}
