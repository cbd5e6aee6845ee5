import type { Socket } from "node:net";

/** What every HTTP/2 client says first (RFC 9113, 3.4), and no HTTP/1.1 client can. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/**
 * Reads just enough of `socket` to tell HTTP/2 from HTTP/1.1, puts it back and pauses the socket. A client that does
 * not say enough within `timeoutMs`, or hangs up, is destroyed and `decide` never called.
 */
export function readPreface(
  socket: Socket,
  timeoutMs: number,
  decide: (isHttp2: boolean) => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  const giveUp = () => socket.destroy();
  const timer = setTimeout(giveUp, timeoutMs);
  const stop = () => {
    clearTimeout(timer);
    socket.off("data", onData).off("end", giveUp).off("close", stop);
  };
  const onData = (chunk: Buffer) => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, PREFACE.length);
    const isPreface = seen.compare(PREFACE, 0, length, 0, length) === 0;
    if (isPreface && length < PREFACE.length) return;
    stop();
    socket.pause();
    socket.unshift(seen);
    decide(isPreface);
  };
  socket.on("data", onData).once("end", giveUp).once("close", stop);
}
