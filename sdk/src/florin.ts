import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { StackService } from "../../gen/florin/stack/v1/stack_pb.js";
import { authorize } from "./authorize.js";
import { createLedgerClient, type LedgerClient } from "./ledgerClient.js";
import { createPaymentsClient, type PaymentsClient } from "./paymentsClient.js";
import { repeatSafely } from "./repeatSafely.js";
import type { Retry } from "./retries.js";
import { callersTokens, clientCredentialsTokens, type Tokens } from "./tokens.js";
import { withFlorinErrors } from "./withFlorinErrors.js";

/** How to reach a Florin server, and as whom. */
export type FlorinOptions = {
  /** Where the server is, e.g. "https://money.example.com". */
  readonly baseUrl: string;
  /**
   * "grpc" (default on Node) needs HTTP/2 all the way to the server; "connect" gets through any proxy, and is what
   * browsers speak.
   */
  readonly transport?: "grpc" | "connect";
  /**
   * How long a call may take, in milliseconds, with all its repeats and waits; then it fails with DEADLINE_EXCEEDED.
   * Default 30,000; 0, or more than 27 hours: no end. Streams have no end but what their own options say.
   */
  readonly timeoutMs?: number;
  /**
   * How often a call that failed for a moment is repeated, at most: reads, and writes that take an idempotency key.
   * Default 4; 0: never. Watches that were open once come back as often as it takes.
   */
  readonly maxRetries?: number;
  /** Told of every repeat before the wait, e.g. for a log. What it throws ends the call. */
  readonly onRetry?: (retry: Retry) => void;
} & (
  | {
      /** A machine client. Its secret must never reach a browser: give `getToken` there. */
      readonly clientId: string;
      readonly clientSecret: string;
      readonly getToken?: never;
    }
  | {
      readonly clientId?: never;
      readonly clientSecret?: never;
      /** Asked for a token before every call, and again when one is refused. Null: call without a token. */
      readonly getToken: () => string | null | Promise<string | null>;
    }
);

/** A client for each service of one server. */
export interface Florin {
  /** Clients with their secrets and scopes, and users. */
  readonly auth: Client<typeof AuthService>;
  /** Double-entry ledgers. */
  readonly ledger: LedgerClient;
  /** Payments at providers, and the connectors that gather them. */
  readonly payments: PaymentsClient;
  /** Which services run there, and whether they are well. */
  readonly stack: Client<typeof StackService>;
}

/** The part of a transport's options that is the same for all transports. */
export interface TransportBasics {
  readonly baseUrl: string;
  readonly interceptors: Interceptor[];
}

/** Clients as `options` say, over the transport that `open` gives. */
export function florinOver(
  open: (basics: TransportBasics) => Transport,
  options: FlorinOptions,
): Florin {
  checkOptions(options);
  const { timeoutMs = 30_000, maxRetries = 4, onRetry = () => {} } = options;
  const patience = { timeoutMs, maxRetries, onRetry };
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const interceptors = [authorize(tokensOf(options, baseUrl))];
  const transport = repeatSafely(withFlorinErrors(open({ baseUrl, interceptors })), patience);
  return {
    auth: createClient(AuthService, transport),
    ledger: createLedgerClient(transport, patience),
    payments: createPaymentsClient(transport, patience),
    stack: createClient(StackService, transport),
  };
}

/** What types cannot say, or JavaScript did not hear: an environment variable that is not set, most likely. */
function checkOptions(options: FlorinOptions): void {
  const { baseUrl, getToken, clientId, clientSecret, timeoutMs, maxRetries } = options;
  if (!/^https?:\/\/./.test(baseUrl)) {
    throw new TypeError(
      `baseUrl must be a URL such as "https://money.example.com", not ${baseUrl}`,
    );
  }
  if (getToken === undefined && !(clientId && clientSecret)) {
    throw new TypeError("clientId and clientSecret, or getToken, must be given");
  }
  for (const [name, count] of Object.entries({ timeoutMs, maxRetries })) {
    if (count !== undefined && !(count >= 0)) {
      throw new TypeError(`${name} must be 0 or more, not ${count}`);
    }
  }
}

function tokensOf(options: FlorinOptions, baseUrl: string): Tokens {
  const { getToken } = options;
  if (getToken !== undefined) return callersTokens(getToken);
  const { clientId, clientSecret } = options;
  return clientCredentialsTokens({
    tokenUrl: `${baseUrl}/api/auth/oauth/token`,
    clientId,
    clientSecret,
  });
}
