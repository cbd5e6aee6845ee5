import { once } from "node:events";
import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { interruptible } from "../../lib/interruptible.js";
import type { HttpResponse } from "../handler.js";
import { messageEncoder } from "./messageEncoder.js";
import { methodRule } from "./rules.js";

export interface EventStream {
  readonly messages: AsyncIterable<Message>;
  readonly headers: Headers;
  readonly response: HttpResponse;
  /** Ends the stream with its reason. */
  readonly signal: AbortSignal;
  /** JSON of the error event, for a stream that breaks after it began. */
  readonly printError: (error: unknown) => string;
}

/** After this silence the head is sent, so that the caller knows that the stream is open. */
const OPEN_AFTER_MS = 500;

const HEAD = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Proxies that know this header pass events on at once.
  "x-accel-buffering": "no",
};

/**
 * Writes answers of a server-streaming `method` as text/event-stream: an event per message, and a comment now
 * and then, which keeps idle connections alive. What breaks the stream before anything was sent is thrown.
 */
export function eventWriter(method: DescMethod, heartbeatMs: number) {
  const print = eventPrinter(method);
  return async ({ messages, headers, response, signal, printError }: EventStream) => {
    const open = () => {
      if (!response.headersSent)
        response.writeHead(200, { ...Object.fromEntries(headers), ...HEAD });
    };
    let isBlocked = false;
    const beat = () => {
      open();
      if (!isBlocked) response.write(":\n\n");
      timer = setTimeout(beat, heartbeatMs);
    };
    let timer = setTimeout(beat, OPEN_AFTER_MS);
    try {
      for await (const message of interruptible(messages, signal)) {
        open();
        isBlocked = !response.write(print(message));
        if (isBlocked) await drained(response, signal);
        isBlocked = false;
      }
      open();
      response.end();
    } catch (error) {
      if (!response.headersSent) throw error;
      response.end(`event: error\ndata: ${printError(error)}\n\n`);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function drained(response: HttpResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, "drain", { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

function eventPrinter(method: DescMethod): (message: Message) => string {
  const encode = messageEncoder(method.output);
  const { eventId } = methodRule(method);
  const readId = eventId === "" ? () => undefined : pathReader(method.output, eventId);
  return (message) => {
    const id = readId(message);
    // JSON that is passed on as it is may have line breaks; each line of an event's data has its own prefix.
    const data = encode(message as never).replace(/\r\n?|\n/g, "\ndata: ");
    return id === undefined ? `data: ${data}\n\n` : `id: ${id}\ndata: ${data}\n\n`;
  };
}

/** Reads the field that `path` names, e.g. "log.id"; undefined where a message on the way is not set. */
function pathReader(desc: DescMessage, path: string): (message: unknown) => unknown {
  let step: DescMessage | undefined = desc;
  const names = path.split(".").map((name) => {
    const field = step?.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`${desc} has nothing at "${path}"`);
    step = field.message;
    return field.localName;
  });
  return (message) =>
    names.reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], message);
}
