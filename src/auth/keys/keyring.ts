import type { Db } from "../../db/database.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import { type AuthKeys, loadAuthKeys } from "./authKeys.js";

/** The keys that all processes on this database share, as they change. */
export interface Keyring {
  /** As last loaded. */
  current(): AuthKeys;
  /** Loads them anew, unless that was done a moment ago. */
  refresh(): Promise<void>;
  /** `listener` is told of every change from now on. */
  onChange(listener: () => void): void;
  close(): void;
}

export async function openKeyring(db: Db, encryptionKeys: EncryptionKeys): Promise<Keyring> {
  let keys = await loadAuthKeys(db, encryptionKeys);
  const listeners: (() => void)[] = [];
  return {
    current: () => keys,
    async refresh() {
      keys = await loadAuthKeys(db, encryptionKeys);
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
    close() {},
  };
}
