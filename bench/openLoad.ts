import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createLender } from "./lend.js";
import { summarize } from "./load.js";

/** What became of calls that came at their own pace. */
export interface OpenOutcome {
  /** Calls that were sent, for each second: those that were due and found a connection to go by. */
  readonly offered: number;
  /** Calls that were answered with success, for each second in which there was load. */
  readonly accepted: number;
  /** Latencies of those in milliseconds, from when they were sent. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of all that were sent. */
  readonly refusedShare: number;
  /** Refusals that do not say when to come again. */
  readonly rude: number;
  /** Calls that were answered otherwise, or not at all. */
  readonly lost: number;
  /** Connections that were opened. */
  readonly connections: number;
  /** From the end of the load until a call took its usual time again. */
  readonly recoveredMs: number;
}

/** How a call ended. */
export type Ending = "accepted" | "refused" | "rude" | "lost" | "unsent";

export interface OpenOptions {
  /** Calls for each second, however slowly they are answered. */
  readonly rate: number;
  readonly seconds: number;
}

/** Makes calls at `rate`, and tells what became of them, and when a call by `probe` is as fast again as it was before. */
export async function loadOpen(
  { rate, seconds }: OpenOptions,
  call: (n: number, onSent: () => void) => Promise<Ending>,
  probe: () => Promise<unknown>,
): Promise<Omit<OpenOutcome, "connections">> {
  const usual = await usualMs(probe);
  const latencies: number[] = [];
  const count: Record<Ending, number> = { accepted: 0, refused: 0, rude: 0, lost: 0, unsent: 0 };
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  const most = Math.round(rate * seconds);
  const follow = async (n: number) => {
    let sentAt = 0;
    const ending = await call(n, () => {
      sentAt = performance.now();
    });
    count[ending]++;
    if (ending === "accepted") latencies.push(performance.now() - sentAt);
  };
  let acceptedInTime = 0;
  for (let sent = 0; sent < most; ) {
    const due = Math.min(most, Math.floor(((performance.now() - startedAt) * rate) / 1000) + 1);
    for (; sent < due; sent++) {
      const followed = follow(sent);
      underWay.add(followed);
      void followed.finally(() => underWay.delete(followed));
    }
    acceptedInTime = count.accepted;
    await sleep(1);
  }
  const took = (performance.now() - startedAt) / 1000;
  const endedAt = performance.now();
  while ((await timed(probe)) > usual) await sleep(1);
  const recoveredMs = performance.now() - endedAt;
  await Promise.all(underWay);
  const { p50, p99 } = summarize(latencies, took, 0);
  return {
    offered: (most - count.unsent) / took,
    accepted: acceptedInTime / took,
    ...{ p50, p99, max: latencies.at(-1) ?? Number.NaN },
    refusedShare: (count.refused + count.rude) / (most - count.unsent),
    rude: count.rude,
    lost: count.lost,
    recoveredMs,
  };
}

/** Beyond what all but a few calls take on a server that has nothing else to do. */
async function usualMs(probe: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 100; n++) times.push(await timed(probe));
  return Math.max(20, 2 * summarize(times, 1, 0).p99);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export interface OpenRestOptions extends OpenOptions {
  readonly port: number;
  /** Whole HTTP/1.1 request, for the n-th call. */
  readonly request: (n: number) => string;
}

/** Calls that a connection makes before another one takes its place. */
const CALLS_PER_CONNECTION = 50;

/** Connections that are open at a time. */
const MOST_CONNECTIONS = 3_000;

/** Over as many connections as it takes; each makes some calls and is then replaced. */
export async function loadOpenRest(options: OpenRestOptions): Promise<OpenOutcome> {
  const { port, request } = options;
  const open = new Set<Line>();
  let connections = 0;
  const create = (): Line => {
    connections++;
    const line = { socket: connect({ port, host: "127.0.0.1", noDelay: true }), calls: 0 };
    open.add(line);
    return line;
  };
  const lender = createLender(() => (open.size < MOST_CONNECTIONS ? create() : null));
  const call = async (n: number, onSent: () => void): Promise<Ending> => {
    const line = await lender.borrow();
    if (line === null) return "unsent";
    onSent();
    const ending = await exchange(line.socket, request(n));
    const isSpent = line.socket.destroyed || ++line.calls >= CALLS_PER_CONNECTION;
    if (isSpent) {
      line.socket.destroy();
      open.delete(line);
    }
    lender.giveBack(isSpent ? create() : line);
    return ending;
  };
  const lone = create();
  const outcome = await loadOpen(options, call, () => {
    lender.giveUp();
    return exchange(lone.socket, request(0));
  });
  for (const { socket } of open) socket.destroy();
  return { ...outcome, connections };
}

interface Line {
  readonly socket: Socket;
  calls: number;
}

/** Sends `request` and reads its answer, which has a length. */
function exchange(socket: Socket, request: string): Promise<Ending> {
  return new Promise((resolve) => {
    let text = "";
    const end = (ending: Ending) => {
      socket.off("data", onData).off("error", onLost).off("close", onLost);
      resolve(ending);
    };
    const onLost = () => {
      socket.destroy();
      end("lost");
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head >= 0 && text.length >= head + 4 + length) end(endingOf(text.slice(0, head)));
    };
    socket.on("data", onData).on("error", onLost).on("close", onLost);
    if (socket.destroyed) onLost();
    else socket.write(request);
  });
}

function endingOf(head: string): Ending {
  const status = head.slice(9, 12);
  if (status === "200") return "accepted";
  if (status !== "503") return "lost";
  return /\r\nretry-after: \d/i.test(head) ? "refused" : "rude";
}
