/** Why the upstream issuer did not tell who somebody is. */
export interface UpstreamFailure {
  /** What the client that asked for the login is told, by its name in OAuth 2. */
  readonly kind: "access_denied" | "login_required" | "server_error" | "temporarily_unavailable";
  /** For the operator's log: no token, no code, bounded, one line. */
  readonly detail: string;
}

/** In words, for the developers of that client. What the upstream issuer said stays in our log. */
export const DESCRIPTIONS: Readonly<Record<UpstreamFailure["kind"], string>> = {
  access_denied: "the identity provider refused the login",
  login_required: "the identity provider did not authenticate the person as was asked",
  server_error: "the answer of the identity provider could not be used",
  temporarily_unavailable: "the identity provider cannot be reached",
};

/** What a fault that openid-client threw comes to. */
export function upstreamFailure(error: unknown): UpstreamFailure {
  const faults = causesOf(error);
  return { kind: kindOf(faults), detail: plain(faults.map(describe).join(": ")) };
}

/** What openid-client's errors and their causes may carry; the answer to our request is one of the causes. */
interface Fault {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly cause?: unknown;
}

const MOST_CAUSES = 5;

function causesOf(error: unknown): Fault[] {
  const faults: Fault[] = [];
  for (let fault = error as Fault; isFault(fault); fault = fault.cause as Fault) {
    if (faults.push(fault) === MOST_CAUSES) break;
  }
  return faults;
}

/** Other causes are whole answers and token sets: not to be looked into, and not to be logged. */
const isFault = (cause: unknown): cause is Fault =>
  cause instanceof Error || cause instanceof Response;

function kindOf(faults: readonly Fault[]): UpstreamFailure["kind"] {
  const [first] = faults;
  if (first?.error === "access_denied") return "access_denied";
  const isAway = faults.some(
    ({ name, message, status, error }) =>
      name === "TimeoutError" ||
      message === "fetch failed" ||
      error === "temporarily_unavailable" ||
      (typeof status === "number" && (status >= 500 || status === 429)),
  );
  return isAway ? "temporarily_unavailable" : "server_error";
}

const describe = ({ message, status, error, error_description }: Fault): string =>
  [message, status, error, error_description].filter((it) => it !== undefined).join(" ");

const LONGEST = 500;

const plain = (text: string): string => text.slice(0, LONGEST).replace(/\p{C}/gu, "\ufffd");
