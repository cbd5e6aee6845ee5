import type { ServiceImpl } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import type { Db } from "../db/database.js";
import type { EncryptionKeys } from "../lib/encrypt.js";
import type { Clock } from "../lib/time.js";
import type { ApiError } from "../server/apiError.js";
import { refusalOf } from "./access/authenticate.js";
import { createVerifier, type Verifier } from "./access/verifyAccessToken.js";
import { type Credentials, ensureFirstClient, type FirstClient } from "./firstClient.js";
import { openKeyring } from "./keys/keyring.js";
import { createOidcHandler, type OidcHandler } from "./oidc/handler.js";
import { passToProvider } from "./oidc/passToProvider.js";
import { createOidcProvider } from "./oidc/provider.js";
import { authService } from "./service.js";
import { deleteExpiredRecords } from "./store/oidcRecords.js";

export interface AuthOptions {
  readonly db: Db;
  /** Where callers reach us, e.g. "https://pay.example.com", without a slash at its end. The issuer is `/api/auth` below it. */
  readonly publicUrl: string;
  readonly encryptionKeys: EncryptionKeys;
  readonly firstClient: FirstClient;
  /** As told by `_info`, e.g. "v1.2.3". */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Auth extends Verifier {
  readonly handleOidc: OidcHandler;
  readonly service: Partial<ServiceImpl<typeof AuthService>>;
  /** Credentials that this start generated, to be told once; else null. */
  readonly firstClient: Credentials | null;
  /** Why whoever sends this Authorization header is turned away; null for a valid token. */
  readonly refusalOf: (authorization: string | undefined) => Promise<ApiError | null>;
  close(): void;
}

const PURGE_INTERVAL_MS = 600_000;

/** Everything that decides who may call. The database must be migrated. */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { db, publicUrl, encryptionKeys, clock, logger, version } = options;
  const issuer = `${publicUrl}/api/auth`;
  const audience = `${publicUrl}/api`;
  const keyring = await openKeyring(db, encryptionKeys);
  const { pepper } = keyring.current();
  const firstClient = await ensureFirstClient(db, pepper, options.firstClient);
  const makeProvider = () =>
    createOidcProvider({ ...options, issuer, audience, keys: keyring.current() });
  let provider = makeProvider();
  keyring.onChange(() => {
    provider = makeProvider();
  });
  const verifier = createVerifier({ db, issuer, audience, keyring, clock });
  const toProvider = passToProvider(() => provider);
  const purge = setInterval(() => {
    deleteExpiredRecords(db).catch((error) =>
      logger.warn({ err: error }, "purge of logins failed"),
    );
  }, PURGE_INTERVAL_MS).unref();
  return {
    ...verifier,
    handleOidc: createOidcHandler({
      routes: [
        { path: "/.well-known/openid-configuration", methods: ["GET", "HEAD"], serve: toProvider },
        { path: "/keys", methods: ["GET", "HEAD"], serve: toProvider },
        { path: "/oauth/token", methods: ["POST"], serve: toProvider },
      ],
      onFault: (error) => logger.error({ err: error }, "OAuth endpoint failed"),
    }),
    service: authService(version),
    firstClient,
    refusalOf: (authorization) => refusalOf(authorization, verifier.verify),
    close() {
      clearInterval(purge);
      keyring.close();
    },
  };
}
