import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { fromProtoFile, grpcJsClient } from "../clients/grpcJsClient.js";
import { serveLedger, tokens } from "../ledger/serve.js";
import { testLedger, transaction } from "../ledger/support.js";
import { rpcWires } from "../support/rpcs.js";

/** Watches the logs of "main" after `after`: their ids, for as long as `signal` lets it. Ends with `Ended`. */
type Watch = (
  url: string,
  after: number | undefined,
  signal: AbortSignal,
) => AsyncGenerator<bigint>;

/** How a watch was ended by the server. */
class Ended extends Error {}

const WIRES: Record<string, Watch> = {
  async *REST(url, after, signal) {
    const query = after === undefined ? "" : `?after=${after}`;
    for await (const event of events(url, query, signal)) {
      if (event.type === "error") throw new Ended(JSON.parse(event.data).errorMessage);
      yield BigInt(event.id);
    }
  },
  gRPC: overConnect("gRPC"),
  "gRPC-Web": overConnect("gRPC-Web"),
  Connect: overConnect("Connect"),
  async *"gRPC of grpc-js"(url, after, signal) {
    const file = fromProtoFile("florin/ledger/v1/ledger.proto");
    const { watch } = grpcJsClient(file, "florin.ledger.v1.LedgerService", { url, token: TOKEN });
    const stream = watch<{ log: { id: string } }>("WatchLogs", { ledger: "main", after });
    signal.addEventListener("abort", () => stream.cancel());
    try {
      for await (const { log } of stream) yield BigInt(log.id);
    } catch (error) {
      const { code, details } = error as { code: Code; details: string };
      throw new Ended(`${Code[code]}: ${details}`);
    }
  },
};

function overConnect(protocol: "gRPC" | "gRPC-Web" | "Connect"): Watch {
  return async function* (url, after, signal) {
    const client = createClient(LedgerService, rpcWires(url)[protocol]);
    const request = { ledger: "main", ...(after !== undefined && { after: BigInt(after) }) };
    const headers = { authorization: `Bearer ${TOKEN}` };
    try {
      for await (const { log } of client.watchLogs(request, { headers, signal })) {
        yield log?.id ?? expect.unreachable("no log");
      }
    } catch (error) {
      const { code, rawMessage } = ConnectError.from(error);
      throw new Ended(`${Code[code]}: ${rawMessage}`);
    }
  };
}

const TOKEN = "token";

interface Event {
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

/** The events of the log of "main", as a browser reads them. */
async function* events(
  url: string,
  query: string,
  signal: AbortSignal,
  lastEventId?: string,
): AsyncGenerator<Event> {
  const response = await fetch(`${url}/api/ledger/main/logs/watch${query}`, {
    signal,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    },
  });
  if (!response.ok || response.body === null) throw new Ended(await response.text());
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  for await (const bytes of response.body) {
    text += Buffer.from(bytes).toString();
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks.filter((each) => !each.startsWith(":"))) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      yield { type: field("event"), id: field("id"), data: field("data") };
    }
  }
}

let ledger: Ledger;
/** Of commits to `ledger`. */
let listeners: number;

beforeEach(async () => {
  const real = await testLedger();
  listeners = 0;
  ledger = {
    ...real,
    onCommit(listener) {
      listeners++;
      const end = real.onCommit(listener);
      return () => {
        listeners--;
        end();
      };
    },
  };
});

const pay = () => ledger.write("main", transaction("world > a 1 USD/2"));

/** A watch that the test ends at the latest. */
function open(watch: Watch, url: string, after?: number) {
  const absence = new AbortController();
  onTestFinished(() => absence.abort());
  const ids = watch(url, after, absence.signal);
  return {
    leave: () => absence.abort(),
    async read(count: number): Promise<number[]> {
      const read: number[] = [];
      while (read.length < count) read.push(Number((await ids.next()).value));
      return read;
    },
    /** What the server ended it with. */
    end: async () => {
      const error = await ids.next().then(
        ({ value }) => expect.fail(`it went on with ${value}`),
        (error) => error,
      );
      if (!(error instanceof Ended)) throw error;
      return error.message;
    },
  };
}

test.each(Object.entries(WIRES))(
  "over %s a watcher is told history and news, goes on where it stopped, and frees all when it leaves",
  async (_wire, watch) => {
    const { url } = await serveLedger(ledger);
    await pay();
    await pay();
    const first = open(watch, url);
    expect(await first.read(2)).toEqual([0, 1]);
    const news = first.read(1);
    await pay();
    expect(await news).toEqual([2]);
    expect(listeners).toBe(1);
    first.leave();
    await expect.poll(() => listeners).toBe(0);

    await pay();
    const second = open(watch, url, 2);
    expect(await second.read(1)).toEqual([3]);
  },
);

test.each(Object.entries(WIRES))(
  "over %s a watch ends with UNAVAILABLE when the server stops",
  async (_wire, watch) => {
    const { url, stop } = await serveLedger(ledger);
    await pay();
    const watching = open(watch, url);
    await watching.read(1);
    const stopped = stop();
    expect(await watching.end()).toMatch(/^(Unavailable: )?the server is going away$/);
    await stopped;
    expect(listeners).toBe(0);
  },
);

test.each(Object.entries(WIRES))(
  "over %s a watch ends with UNAUTHENTICATED when its token dies, and frees all",
  async (_wire, watch) => {
    const { verify, revoke } = tokens("first");
    const { url } = await serveLedger(ledger, verify);
    await pay();
    const watching = open(watch, url);
    await watching.read(1);
    revoke();
    expect(await watching.end()).toMatch(/^(Unauthenticated: )?the client first no longer exists$/);
    await expect.poll(() => listeners).toBe(0);
  },
);

test("a browser that reconnects to another server goes on after the last event it saw", async () => {
  const { signal } = new AbortController();
  const seen: string[] = [];
  for (let connection = 0; connection < 4; connection++) {
    const { url, stop } = await serveLedger(ledger);
    await pay();
    await pay();
    for await (const { id, data } of events(url, "?after=0", signal, seen.at(-1))) {
      seen.push(id);
      expect(JSON.parse(data).log.id).toBe(Number(id));
      if (Number(id) % 2 === 1) break;
    }
    await stop();
  }
  expect(seen).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
});

test("what cannot be watched is refused before anything is streamed", async () => {
  const { url } = await serveLedger(ledger);
  const get = async (path: string, method = "GET") => {
    const response = await fetch(`${url}/api/ledger/${path}`, { method });
    return [response.status, await response.text()];
  };
  expect(await get("_x/logs/watch")).toEqual([400, expect.stringContaining("ledger name")]);
  expect(await get("main/logs/watch?after=x")).toEqual([400, expect.stringContaining("'after'")]);
  expect(await get("main/logs/watch", "HEAD")).toEqual([405, ""]);
  expect(listeners).toBe(0);
});
