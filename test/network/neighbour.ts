import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:http2";
import { onTestFinished } from "vitest";

export interface Neighbour {
  /** Asks once more, and throws if any answer was wrong or late. */
  leave(): Promise<void>;
}

/** How long an answer may take on a machine that an attack keeps busy. */
const PATIENCE_MS = 15_000;

const PATH = "/api/ledger/main/stats";

/** Somebody who goes on asking, over HTTP/1.1 and HTTP/2, on connections of their own, one request after the other. */
export async function meetNeighbour(url: string): Promise<Neighbour> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const session = connect(url);
  // Every request on it would fail, and tell.
  session.on("error", () => {});
  onTestFinished(() => {
    agent.destroy();
    session.destroy();
  });
  const overHttp1 = async () => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const [response] = await once(get(url + PATH, { agent, signal }), "response");
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    for await (const _ of response);
  };
  const overHttp2 = async () => {
    const stream = session.request({ ":path": PATH }, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const [headers] = await once(stream, "response");
    if (headers[":status"] !== 200) throw new Error(`status ${headers[":status"]}`);
    for await (const _ of stream);
  };
  await Promise.all([overHttp1(), overHttp2()]);
  let isLeaving = false;
  const goOn = async (ask: () => Promise<void>) => {
    while (!isLeaving) await ask();
    await ask();
  };
  const done = Promise.all([goOn(overHttp1), goOn(overHttp2)]);
  // Told when they leave.
  done.catch(() => {});
  return {
    async leave() {
      isLeaving = true;
      await done;
    },
  };
}
