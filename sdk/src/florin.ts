import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import { StackService } from "../../gen/florin/stack/v1/stack_pb.js";
import { authorize } from "./authorize.js";
import { withFlorinErrors } from "./florinError.js";
import { clientCredentialsTokens, type Tokens } from "./tokens.js";

/** How to reach a Florin server, and as whom. */
export type FlorinOptions = {
  /** Where the server is, e.g. "https://money.example.com". */
  readonly baseUrl: string;
  /**
   * "grpc" (default on Node) needs HTTP/2 all the way to the server; "connect" gets through any proxy, and is what
   * browsers speak.
   */
  readonly transport?: "grpc" | "connect";
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
  readonly auth: Client<typeof AuthService>;
  readonly ledger: Client<typeof LedgerService>;
  readonly payments: Client<typeof PaymentsService>;
  readonly stack: Client<typeof StackService>;
}

/** The part of a transport's options that is the same for all transports. */
interface TransportBasics {
  readonly baseUrl: string;
  readonly interceptors: Interceptor[];
}

/** Clients as `options` say, over the transport that `open` gives. */
export function florinOver(
  open: (basics: TransportBasics) => Transport,
  options: FlorinOptions,
): Florin {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const interceptors = [authorize(tokensOf(options, baseUrl))];
  const transport = withFlorinErrors(open({ baseUrl, interceptors }));
  return {
    auth: createClient(AuthService, transport),
    ledger: createClient(LedgerService, transport),
    payments: createClient(PaymentsService, transport),
    stack: createClient(StackService, transport),
  };
}

function tokensOf(options: FlorinOptions, baseUrl: string): Tokens {
  const { getToken } = options;
  if (getToken !== undefined) return { current: async () => getToken(), refuse: () => {} };
  const { clientId, clientSecret } = options;
  return clientCredentialsTokens({
    tokenUrl: `${baseUrl}/api/auth/oauth/token`,
    clientId,
    clientSecret,
  });
}
