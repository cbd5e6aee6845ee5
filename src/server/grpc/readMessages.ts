import type { Http2ServerRequest } from "node:http2";
import type { Message } from "@bufbuild/protobuf";
import { createFramer } from "./framer.js";
import { clientLeft, incomplete } from "./readMessage.js";

/**
 * The messages of a stream, each read when it is asked for. No more than a piece is taken from the connection ahead of
 * that: then the client waits.
 */
export function readMessages(
  request: Http2ServerRequest,
  maxBytes: number,
  parse: (bytes: Uint8Array) => Message,
): AsyncIterable<Message> {
  const over: IteratorResult<Message> = { done: true, value: undefined };
  const framer = createFramer(maxBytes);
  let isOver = false;
  let isCut = false;
  let waiting: { give(result: IteratorResult<Message>): void; fail(error: unknown): void } | null =
    null;

  /** The next message, or the end; null if neither has come. */
  function read(): IteratorResult<Message> | null {
    const message = framer.next();
    if (message === null) {
      // Node ends a request that was cut as if all of it had come.
      if (isCut || request.aborted) throw clientLeft();
      if (!request.readableEnded) return null;
      if (framer.size() > 0) throw incomplete();
      return over;
    }
    return { done: false, value: parse(message) };
  }

  /** Whatever else comes flows away. */
  function leave(): void {
    isOver = true;
    request.off("data", onData).off("end", tryRead).off("close", onClose);
    request.resume();
  }

  function tryRead(): void {
    if (waiting === null) return;
    const { give, fail } = waiting;
    try {
      const result = read();
      if (result === null) return void request.resume();
      waiting = null;
      if (result.done) leave();
      give(result);
    } catch (error) {
      waiting = null;
      leave();
      fail(error);
    }
  }

  function onData(piece: Buffer): void {
    framer.add(piece);
    request.pause();
    tryRead();
  }

  function onClose(): void {
    isCut = !request.readableEnded;
    tryRead();
  }

  request.on("data", onData).once("end", tryRead).once("close", onClose).pause();
  const iterator: AsyncIterator<Message> = {
    next: () =>
      new Promise((give, fail) => {
        if (isOver) return give(over);
        waiting = { give, fail };
        tryRead();
      }),
    async return() {
      leave();
      waiting?.give(over);
      return over;
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
