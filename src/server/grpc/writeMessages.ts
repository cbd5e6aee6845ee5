import { once } from "node:events";
import type { Http2ServerResponse } from "node:http2";
import type { Compression } from "@connectrpc/connect/protocol";
import { envelope } from "./writeAnswer.js";

export interface MessageStream {
  readonly messages: AsyncIterable<Uint8Array>;
  readonly response: Http2ServerResponse;
  readonly compression: Compression | null;
  /** Aborts when the client has left, at the latest. */
  readonly signal: AbortSignal;
  /** Writes the head of the answer. Until the first message, headers may be added to it. */
  readonly open: () => void;
}

/** Sent without waiting for more. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * Writes each of `messages` once there is no other to go with it: those of one commit leave together. Waits while the client
 * does not read.
 */
export async function writeMessages(stream: MessageStream): Promise<void> {
  const { messages, response, compression, signal, open } = stream;
  let gathered: Buffer[] = [];
  let bytes = 0;
  const flush = () => {
    if (bytes === 0) return;
    if (!response.headersSent) open();
    response.write(Buffer.concat(gathered, bytes));
    gathered = [];
    bytes = 0;
  };
  try {
    for await (const message of messages) {
      const enveloped = envelope(message, compression);
      const piece = enveloped instanceof Promise ? await enveloped : enveloped;
      // A tick begins when all is done that was ready.
      if (bytes === 0) process.nextTick(flush);
      gathered.push(piece);
      bytes += piece.length;
      if (bytes >= ENOUGH_BYTES) flush();
      if (response.stream.writableNeedDrain) await drained(response, signal);
    }
  } finally {
    if (!response.stream.destroyed) flush();
  }
  if (!response.headersSent) open();
}

async function drained(response: Http2ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, "drain", { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
