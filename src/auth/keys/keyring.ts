import type { Logger } from "pino";
import type { Db } from "../../db/database.js";
import type { EncryptionKeys } from "../../lib/encrypt.js";
import { listKeyIds } from "../store/authKeys.js";
import { type AuthKeys, loadAuthKeys } from "./authKeys.js";

/** The keys that all processes on this database share, as they change. */
export interface Keyring {
  /** As last loaded. */
  current(): AuthKeys;
  /** Looks whether they have changed, unless that was done a moment ago. */
  refresh(): Promise<void>;
  /** `listener` is told of every change from now on. */
  onChange(listener: () => void): void;
  close(): void;
}

export interface KeyringOptions {
  readonly db: Db;
  readonly encryptionKeys: EncryptionKeys;
  readonly logger: Logger;
}

/** A new key signs 10 seconds after it was made: by then, every process has looked. */
const LOOK_INTERVAL_MS = 3_000;

/** So many tokens with made-up keys may come, no more than one look in this time comes of them. */
const LOOK_PAUSE_MS = 1_000;

const COMPLAINT_INTERVAL_MS = 60_000;

export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const { db, encryptionKeys, logger } = options;
  const listeners: (() => void)[] = [];
  // Before the keys: what changes in between is found by the next look.
  let ids = await idsOf(db);
  let keys = await loadAuthKeys(db, encryptionKeys);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  let complainedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const found = await idsOf(db);
    if (found !== ids) {
      keys = await loadAuthKeys(db, encryptionKeys);
      for (const listener of listeners) listener();
      ids = found;
    }
    lookedAt = performance.now();
  }

  async function refresh(): Promise<void> {
    if (looking === null && performance.now() - lookedAt < LOOK_PAUSE_MS) return;
    looking ??= look().finally(() => {
      looking = null;
    });
    await looking;
  }

  const timer = setInterval(() => {
    refresh().catch((error) => {
      if (performance.now() - complainedAt < COMPLAINT_INTERVAL_MS) return;
      complainedAt = performance.now();
      logger.warn({ err: error }, "could not look for new signing keys: the known ones go on");
    });
  }, LOOK_INTERVAL_MS).unref();

  return {
    current: () => keys,
    refresh,
    onChange: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

const idsOf = async (db: Db): Promise<string> => (await listKeyIds(db)).join();
