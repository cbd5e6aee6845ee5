import type { Provider } from "oidc-provider/lib/provider.js";

export interface RefreshToken {
  readonly clientId: string;
  readonly userId: string;
  readonly grantId: string;
  readonly scope: string;
  /** In seconds. */
  readonly issuedAt: number;
  /** In seconds. */
  readonly expiresAt: number;
  /** Whether it was exchanged for another one. */
  readonly isUsed: boolean;
}

/** The refresh token of this text, used or not; null if there is none, or no longer. */
export async function findRefreshToken(
  provider: Provider,
  text: string,
): Promise<RefreshToken | null> {
  const found = await provider.RefreshToken.find(text);
  const { clientId, grantId, exp } = found ?? {};
  if (!found || clientId === undefined || grantId === undefined || exp === undefined) return null;
  const { accountId: userId, scope = "", iat, consumed } = found;
  return {
    ...{ clientId, userId, grantId, scope },
    issuedAt: iat,
    expiresAt: exp,
    isUsed: consumed !== undefined,
  };
}

/** Whether a refresh token can still be exchanged: it was not yet, and its login stands. */
export const isLive = async (
  provider: Provider,
  { grantId, isUsed }: RefreshToken,
): Promise<boolean> => !isUsed && (await provider.Grant.find(grantId)) !== undefined;

/** Ends a login at a client: of its codes and tokens, none works any more. */
export const endLogin = async (provider: Provider, { grantId }: RefreshToken): Promise<void> =>
  void (await provider.Grant.adapter.destroy(grantId));
