import { connect, type Socket } from "node:net";

/** What a load led to. */
export interface Outcome {
  /** How many calls were answered; where calls carry several transactions, how many of those. */
  readonly count: number;
  readonly perSecond: number;
  /** Latencies in milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Answers whose status was not 200. */
  readonly failed: number;
}

export interface LoadOptions {
  readonly port: number;
  /** Whole HTTP/1.1 request, for the n-th call. */
  readonly request: (n: number) => string;
  readonly connections: number;
  readonly seconds: number;
  /** Ends it before its time. */
  readonly mostCalls?: number;
}

/**
 * Keeps `connections` requests under way for `seconds`, each on a connection of its own. By raw sockets: on a machine
 * that serves as well, a real HTTP client would cost more than the server.
 */
export async function load(options: LoadOptions): Promise<Outcome> {
  const { port, request, connections, seconds, mostCalls = Infinity } = options;
  const latencies: number[] = [];
  let failed = 0;
  let sent = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;

  const run = async () => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const answers = readAnswers(socket);
    while (performance.now() < endsAt && sent < mostCalls) {
      const before = performance.now();
      socket.write(request(sent++));
      const { value: status } = await answers.next();
      latencies.push(performance.now() - before);
      if (status !== 200) failed++;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, run));
  return summarize(latencies, (performance.now() - startedAt) / 1000, failed);
}

/** The status of each answer. Every answer has a length, and comes after the request before it. */
async function* readAnswers(socket: Socket): AsyncGenerator<number, undefined> {
  let text = "";
  for await (const chunk of socket.setEncoding("latin1")) {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) continue;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < head + 4 + length) continue;
    yield Number(text.slice(9, 12));
    text = "";
  }
}

export function summarize(latencies: number[], seconds: number, failed: number): Outcome {
  latencies.sort((one, other) => one - other);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return {
    count: latencies.length,
    perSecond: latencies.length / seconds,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    failed,
  };
}

/** `outcome` of calls that each carried `size` transactions. */
export const inTransactions = (outcome: Outcome, size: number): Outcome => ({
  ...outcome,
  count: outcome.count * size,
  perSecond: outcome.perSecond * size,
});
