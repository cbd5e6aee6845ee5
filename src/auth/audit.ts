import type { Logger } from "pino";
import { type Span, traceOf } from "../lib/tracing.js";

/** Something done to who may call, or tried. Nothing in it is a secret, a token or a code. */
export interface AuditEntry {
  /** "AuthService/DeleteClient", "login", "token". */
  readonly what: string;
  /** User id of a person, client id of a machine. Null: nobody proved to be anybody. */
  readonly who: string | null;
  /** The client it came through; as claimed, if that was refused. Null: none was named. */
  readonly clientId: string | null;
  /** IP address it came from. */
  readonly address: string;
  readonly requestId: string | null;
  /** Of the call. */
  readonly span: Span | null;
  /** "ok", or the code that the caller was refused with. */
  readonly outcome: string;
  /** Ids of what it was done to, by their names in the API: `client_id`, `scope_id`. */
  readonly ids?: Readonly<Record<string, string>>;
}

/** Writes the line of an entry: a warning for what was refused. */
export function audit(logger: Logger, { ids = {}, span, ...entry }: AuditEntry): void {
  const line = { audit: true, ...plain(entry), ids: plain(ids), ...traceOf(span) };
  logger[entry.outcome === "ok" ? "info" : "warn"](line, "audit");
}

const LONGEST = 255;

/** Whoever is refused has chosen some of these texts: cut, and without what could play tricks on a terminal. */
const plain = (texts: Readonly<Record<string, string | null>>) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      text?.slice(0, LONGEST).replace(/\p{C}/gu, "\ufffd") ?? null,
    ]),
  );
