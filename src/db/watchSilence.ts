import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FindAtWork } from "./findAtWork.js";

/** A session of PostgreSQL, seen from its socket. */
export interface Session {
  readonly stream: Socket;
  /** The process that serves it: its number, and when it began, for numbers come back. */
  readonly pid: number;
  readonly since: string;
  /** Whether something was asked and is not answered. */
  isWaiting(): boolean;
}

export interface SilenceOptions {
  readonly silenceMs: number;
  readonly isAtWork: FindAtWork;
  /** What became of this connection has become of others that nothing was asked on. */
  onSilence(): void;
}

/**
 * Breaks the connection of `session` when its server will never answer: a network or a failover may drop everything
 * without a word, and the system notices that only after a quarter of an hour. A statement that takes its time is let
 * be: after each silence of `silenceMs`, the server is asked on a new connection what the session does.
 */
export function watchSilence(session: Session, options: SilenceOptions): void {
  const { stream, pid, since } = session;
  const { silenceMs, isAtWork, onSilence } = options;
  const look = async () => {
    const { bytesRead } = stream;
    const isSilent = async () => {
      // If it was this process that stood still, answers are there, and are read now.
      await nextTurn();
      return session.isWaiting() && stream.bytesRead === bytesRead;
    };
    const isDead =
      (await isSilent()) && !(await isAtWork({ pid, since, isSilent })) && (await isSilent());
    if (!isDead) return void stream.setTimeout(silenceMs);
    stream.destroy(silence());
    onSilence();
  };
  stream.setTimeout(silenceMs);
  stream.on("timeout", () => void look());
}

/** As the system would say, much later. Each its own: knex writes the query into the error that ended it. */
export const silence = () =>
  Object.assign(new Error("PostgreSQL does not answer any more"), { code: "ETIMEDOUT" });
