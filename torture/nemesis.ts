import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.js";
import type { Disk } from "./disk.js";
import type { Random } from "./random.js";
import { BREAK_PAUSE_MS, type Fault, type Planned } from "./schedule.js";
import type { Server } from "./servers.js";
import type { Sink } from "./sink.js";
import type { Wire } from "./wire.js";

/** All that can be broken. */
export interface World {
  readonly servers: readonly Server[];
  /** Of each server, its way to PostgreSQL. */
  readonly wires: readonly Wire[];
  readonly database: Database;
  readonly sink: Sink;
  readonly disk: Disk | null;
  readonly random: Random;
  /** A line for people. */
  tell(line: string): void;
}

/** Does what is planned, at its time, and heals each fault. */
export async function runLane(
  world: World,
  planned: readonly Planned[],
  startedAt: number,
): Promise<void> {
  for (const { at, fault } of planned) {
    await sleep(Math.max(0, startedAt + at - performance.now()));
    world.tell(describe(fault));
    await strike(world, fault);
  }
}

const describe = ({ kind, ...details }: Fault): string =>
  [kind, ...Object.entries(details).map(([name, value]) => `${name}=${value}`)].join(" ");

/** A server that starts is waited for that long; it goes on starting. */
const PATIENCE_MS = 8_000;

async function strike(world: World, fault: Fault): Promise<void> {
  const { database, sink, disk } = world;
  switch (fault.kind) {
    case "stop postgres":
      return atCommit(at(world.wires, fault.server), await database.aimToStop());
    case "kill postgres":
      return atCommit(at(world.wires, fault.server), await database.aimToKill());
    case "kill session":
      return database.killSession(world.random);
    case "fill disk":
      await disk?.fill();
      await sleep(fault.forMs);
      return disk?.free();
    case "break sink":
      sink.fail(fault.how);
      await sleep(fault.forMs);
      return sink.fail(null);
    case "kill server":
    case "stop server":
    case "pause server":
    case "skew clock":
      return strikeServer(world, at(world.servers, fault.server), fault);
    default:
      return strikeWire(at(world.wires, fault.server), fault);
  }
}

/** Commits are seldom further apart. */
const LONGEST_AIM_MS = 2_000;

/** Acts in the middle of a commit that goes over `wire`; without one, anyhow. */
async function atCommit(wire: Wire, act: () => void): Promise<void> {
  const struck = new Promise<void>((resolve) => {
    wire.atCommit(() => {
      act();
      resolve();
    });
  });
  const isStruck = await Promise.race([struck.then(() => true), sleep(LONGEST_AIM_MS, false)]);
  if (!isStruck) act();
}

async function strikeServer(
  { tell }: World,
  server: Server,
  fault: Extract<Fault, { kind: `${string} server` | "skew clock" }>,
): Promise<void> {
  switch (fault.kind) {
    case "pause server":
      server.pause();
      await sleep(fault.forMs);
      return server.resume();
    case "skew clock":
      server.skew(fault.byMs);
      await sleep(fault.forMs);
      return server.skew(0);
    case "kill server":
      await server.kill();
      break;
    case "stop server": {
      const code = await server.stop();
      if (code !== 0) tell(`server ${server.index} ended with ${code}`);
    }
  }
  await sleep(fault.downMs);
  await Promise.race([server.start(), sleep(PATIENCE_MS)]);
}

async function strikeWire(
  wire: Wire,
  fault: Extract<
    Fault,
    { kind: "cut" | "unplug" | "cut answer" | "lose commit" | "delay" | "freeze" }
  >,
): Promise<void> {
  switch (fault.kind) {
    case "cut":
      return repeatedly(Array(fault.times).fill(null), wire.cut);
    case "unplug":
      wire.unplug();
      await sleep(fault.forMs);
      return wire.plug();
    case "lose commit":
      return repeatedly(Array(fault.times).fill(null), wire.loseCommit);
    case "cut answer":
      return repeatedly(fault.afterBytes, wire.cutAfter);
    case "delay":
      wire.delay(fault.byMs);
      await sleep(fault.forMs);
      return wire.delay(0);
    case "freeze":
      wire.freeze();
      await sleep(fault.forMs);
      if (fault.end === "cut") wire.cut();
      return wire.thaw();
  }
}

async function repeatedly<T>(values: readonly T[], act: (value: T) => void): Promise<void> {
  for (const value of values) {
    act(value);
    await sleep(BREAK_PAUSE_MS);
  }
}

/** Ends whatever is still wrong, all at once; what starts is not waited for. */
export async function heal({ servers, wires, sink, disk }: World): Promise<void> {
  await disk?.free();
  sink.fail(null);
  for (const wire of wires) wire.heal();
  for (const server of servers) {
    server.resume();
    server.skew(0);
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`there is none of number ${index}`);
  return found;
}
