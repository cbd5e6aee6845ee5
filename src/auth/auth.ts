import type { ServiceImpl } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import type { Db } from "../db/database.js";
import type { EncryptionKeys } from "../lib/encrypt.js";
import type { Clock } from "../lib/time.js";
import type { ApiError } from "../server/apiError.js";
import { refusalOf } from "./access/authenticate.js";
import { createVerifier, type Verifier } from "./access/verifyAccessToken.js";
import { pageLimit } from "./brakes/limitPages.js";
import { brakesFor } from "./brakes/withBrakes.js";
import { type Credentials, ensureFirstClient, type FirstClient } from "./firstClient.js";
import { openKeyring } from "./keys/keyring.js";
import { loginRoutes } from "./login/loginRoutes.js";
import type { UpstreamIssuer } from "./login/upstream.js";
import { createOidcHandler, type OidcHandler } from "./oidc/handler.js";
import { passToProvider } from "./oidc/passToProvider.js";
import { createOidcProvider } from "./oidc/provider.js";
import { browserRoutes, documentRoutes } from "./oidc/providerRoutes.js";
import { purge } from "./purge.js";
import { authService } from "./service.js";
import { introspect } from "./tokens/introspect.js";
import { revoke } from "./tokens/revoke.js";
import { userinfo } from "./tokens/userinfo.js";

export interface AuthOptions {
  readonly db: Db;
  /** Connections for what every call waits for. Default: those of `db`. */
  readonly reserved?: Db;
  /** Where callers reach us, e.g. "https://pay.example.com", without a slash at its end. The issuer is `/api/auth` below it. */
  readonly publicUrl: string;
  readonly encryptionKeys: EncryptionKeys;
  readonly firstClient: FirstClient;
  /** Whether a client without scopes may do nothing, instead of everything. */
  readonly isStrict: boolean;
  /** Who logs people in; null: machines only. */
  readonly upstream: UpstreamIssuer | null;
  /** As told by `_info`, e.g. "v1.2.3". */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Auth extends Verifier {
  readonly handleOidc: OidcHandler;
  readonly service: ServiceImpl<typeof AuthService>;
  /** Credentials that this start generated, to be told once; else null. */
  readonly firstClient: Credentials | null;
  /** Why whoever sends this Authorization header is turned away; null for a valid token. */
  readonly refusalOf: (authorization: string | undefined) => Promise<ApiError | null>;
  close(): void;
}

const PURGE_INTERVAL_MS = 60_000;

/** Everything that decides who may call. The database must be migrated. */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { db, reserved = db, publicUrl, encryptionKeys, logger, version, upstream } = options;
  const issuer = `${publicUrl}/api/auth`;
  const audience = `${publicUrl}/api`;
  const keyring = await openKeyring({ db, encryptionKeys, logger });
  const { pepper } = keyring.current();
  const firstClient = await ensureFirstClient(db, pepper, options.firstClient);
  const verifier = createVerifier({ ...options, db: reserved, issuer, audience, keyring });
  const makeProvider = () =>
    createOidcProvider({
      ...options,
      issuer,
      audience,
      keys: keyring.current(),
      hasLogins: upstream !== null,
      onGrantRevoked: (grant) => verifier.forget((token) => token.grant === grant),
    });
  let provider = makeProvider();
  keyring.onChange(() => {
    provider = makeProvider();
  });
  const toProvider = passToProvider(() => provider);
  const withBrakes = brakesFor(options);
  const parts = { ...verifier, db, issuer, pepper, currentProvider: () => provider };
  const purging = setInterval(() => {
    purge(db).catch((error) => logger.warn({ err: error }, "purge of logins and keys failed"));
  }, PURGE_INTERVAL_MS).unref();
  return {
    ...verifier,
    handleOidc: createOidcHandler({
      routes: [
        ...(upstream
          ? [
              ...loginRoutes({ ...options, issuer, upstream, currentProvider: () => provider }),
              ...browserRoutes(pageLimit(options.clock)(toProvider)),
              { path: "/userinfo", methods: ["GET", "POST"], serve: userinfo(parts) },
            ]
          : []),
        ...documentRoutes(toProvider),
        { path: "/oauth/token", methods: ["POST"], serve: withBrakes("token", toProvider) },
        {
          path: "/oauth/introspect",
          methods: ["POST"],
          serve: withBrakes("introspection", introspect(parts)),
        },
        { path: "/revoke", methods: ["POST"], serve: withBrakes("revocation", revoke(parts)) },
      ],
      onFault: (error) => logger.error({ err: error }, "OAuth endpoint failed"),
    }),
    service: authService({ db, pepper, version, forget: verifier.forget }),
    firstClient,
    refusalOf: (authorization) => refusalOf(authorization, verifier.verify),
    close() {
      clearInterval(purging);
      keyring.close();
    },
  };
}
