import type { Message } from "../message.js";

/** A message that is sent before those ahead of it are confirmed. */
export interface Planned {
  readonly message: Message;
  readonly subject: string;
  /** Id of the message that its stream must hold last. Undefined: the stream takes it in any case. */
  readonly after: string | undefined;
}

/** Bytes after which a window takes no further message. */
const MAX_BYTES = 1024 * 1024;

/**
 * The messages that go out together: at most `size`, of which all but a stream's first depend on the one before.
 * A subject whose stream is unknown goes alone: its confirmation names the stream.
 */
export function planWindow(
  messages: readonly Message[],
  {
    size,
    topicOf,
    streams,
  }: {
    size: number;
    topicOf: (type: string) => string;
    streams: ReadonlyMap<string, string>;
  },
): Planned[] {
  const last = new Map<string, string>();
  const window: Planned[] = [];
  let bytes = 0;
  for (const message of messages.slice(0, size)) {
    const subject = topicOf(message.type);
    const stream = streams.get(subject);
    bytes += message.body.length;
    if (window.length > 0 && (stream === undefined || bytes > MAX_BYTES)) break;
    window.push({ message, subject, after: last.get(stream ?? "") });
    if (stream === undefined) break;
    last.set(stream, message.id);
  }
  return window;
}
