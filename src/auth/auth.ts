import type { ServiceImpl } from "@connectrpc/connect";
import type { JWK } from "jose";
import type { Logger } from "pino";
import type { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import type { Db } from "../db/database.js";
import type { EncryptionKeys } from "../lib/encrypt.js";
import type { Clock } from "../lib/time.js";
import { loadAuthKeys } from "./authKeys.js";
import { type Credentials, ensureFirstClient, type FirstClient } from "./firstClient.js";
import { createOidcHandler, type OidcHandler } from "./oidcHandler.js";
import { createOidcProvider } from "./oidcProvider.js";
import { authService } from "./service.js";
import { deleteExpiredRecords } from "./store/oidcRecords.js";
import { createVerifier, type Verifier } from "./verifyAccessToken.js";

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
  close(): void;
}

const PURGE_INTERVAL_MS = 600_000;

/** Everything that decides who may call. The database must be migrated. */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { db, publicUrl, encryptionKeys, clock, logger, version } = options;
  const issuer = `${publicUrl}/api/auth`;
  const audience = `${publicUrl}/api`;
  const keys = await loadAuthKeys(db, encryptionKeys);
  const firstClient = await ensureFirstClient(db, keys.pepper, options.firstClient);
  const provider = createOidcProvider({ ...options, issuer, audience, keys });
  const jwks = keys.signing.map(toPublic);
  const purge = setInterval(() => {
    deleteExpiredRecords(db).catch((error) =>
      logger.warn({ err: error }, "purge of logins failed"),
    );
  }, PURGE_INTERVAL_MS).unref();
  return {
    ...createVerifier({ db, issuer, audience, jwks, clock }),
    handleOidc: createOidcHandler(provider),
    service: authService(version),
    firstClient,
    close: () => clearInterval(purge),
  };
}

const toPublic = ({ kty, kid, alg, use, n, e }: JWK): JWK => ({ kty, kid, alg, use, n, e }) as JWK;
