import type { Logger } from "pino";
import type { Db } from "../db/database.js";
import { placeOf } from "../db/reencrypt.js";
import { decrypt, type EncryptionKeys, encrypt } from "../lib/encrypt.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { Clock } from "../lib/time.js";
import type { AnyConnector, Settings } from "./connectors/connector.js";
import { type ConfigValues, printConfig, readConfig } from "./domain/config.js";
import { explain, openConnector } from "./openConnector.js";
import {
  type Installed,
  type Runtime,
  type RuntimeOptions,
  startRuntime,
} from "./runtime/runtime.js";
import { type ConnectorRow, findConnectorById } from "./store/connectors.js";

export interface PaymentsOptions
  extends Pick<Partial<RuntimeOptions>, "pollMs" | "leaseMs" | "tracing"> {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly encryptionKeys: EncryptionKeys;
  /** Every kind of connector there is. */
  readonly connectors: readonly AnyConnector[];
  /** What the operator allows connectors of a kind. */
  readonly settingsOf: (provider: string) => Settings;
  /** Whether secrets in configurations are shown as they are. */
  readonly showsSecrets: boolean;
  /** Whether events go anywhere. */
  readonly hasSinks: boolean;
}

/** All payments of a database, as one process sees them, and the runs of connectors that this process takes part in. */
export interface Payments
  extends Pick<
    PaymentsOptions,
    "db" | "clock" | "logger" | "settingsOf" | "showsSecrets" | "hasSinks"
  > {
  /** By provider. */
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  readonly runtime: Runtime;
  /** Seals a configuration for the installation `id`. */
  seal(id: string, values: ConfigValues): Buffer;
  /** What was sealed for an installation; null if no key opens it. */
  unseal(connector: AnyConnector, row: ConnectorRow): ConfigValues | null;
  /** Calls `listener` whenever this process has committed something that others hear of; returns what ends that. */
  onCommit(listener: () => void): () => void;
  /** Tells those listeners. */
  committed(): void;
  close(): Promise<void>;
}

export function createPayments(options: PaymentsOptions): Payments {
  const { db, logger, encryptionKeys, settingsOf } = options;
  const connectors = new Map(options.connectors.map((it) => [it.provider, it]));
  const listeners = new Set<() => void>();

  function committed(): void {
    for (const listener of listeners) {
      try {
        listener();
      } catch (err) {
        logger.error({ err }, "whoever waited for payments failed");
      }
    }
  }

  const seal = (id: string, values: ConfigValues): Buffer =>
    encrypt(encryptionKeys, Buffer.from(printConfig(values)), placeOf("connectors", id));

  function unseal({ fields }: AnyConnector, { id, sealed }: ConnectorRow): ConfigValues | null {
    const opened = decrypt(encryptionKeys, sealed, placeOf("connectors", id));
    return opened && readConfig(fields, opened.toString());
  }

  async function find(id: string): Promise<Result<Installed, string> | null> {
    const row = await findConnectorById(db, id);
    if (row === null) return null;
    const opened = openConnector({ connectors, unseal, settingsOf }, row);
    return opened.ok ? ok({ id, ...opened.value }) : fail(explain(opened.failure));
  }

  const runtime = startRuntime({ ...options, find, onCommit: committed });
  return {
    ...options,
    connectors,
    runtime,
    seal,
    unseal,
    committed,
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => runtime.stop(),
  };
}
