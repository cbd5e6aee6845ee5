import type { Logger } from "pino";
import type { Db } from "../db/database.js";
import { placeOf } from "../db/reencrypt.js";
import { decrypt, type EncryptionKeys, encrypt } from "../lib/encrypt.js";
import type { Clock } from "../lib/time.js";
import type { AnyConnector, Settings } from "./connectors/connector.js";
import { type ConfigValues, printConfig, readConfig } from "./domain/config.js";
import {
  type Installed,
  type Runtime,
  type RuntimeOptions,
  startRuntime,
} from "./runtime/runtime.js";
import { type ConnectorRow, findConnectorById } from "./store/connectors.js";

export interface PaymentsOptions extends Pick<Partial<RuntimeOptions>, "pollMs" | "leaseMs"> {
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
  extends Pick<PaymentsOptions, "db" | "clock" | "settingsOf" | "showsSecrets" | "hasSinks"> {
  /** By provider. */
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  readonly runtime: Runtime;
  /** Seals a configuration for the installation `id`. */
  seal(id: string, values: ConfigValues): Buffer;
  /** What was sealed for an installation. */
  unseal(connector: AnyConnector, row: ConnectorRow): ConfigValues;
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

  function unseal({ fields }: AnyConnector, { id, provider, sealed }: ConnectorRow): ConfigValues {
    const opened = decrypt(encryptionKeys, sealed, placeOf("connectors", id));
    if (opened === null) {
      throw new Error(`the configuration of ${provider} was encrypted with another ENCRYPTION_KEY`);
    }
    return readConfig(fields, opened.toString());
  }

  async function find(id: string): Promise<Installed | null> {
    const row = await findConnectorById(db, id);
    const connector = row && connectors.get(row.provider);
    if (!row || !connector) return null;
    const config = connector.parse(unseal(connector, row), settingsOf(row.provider));
    if (!config.ok) throw new Error(`${row.provider}: ${config.failure}`);
    return { id, connector, config: config.value };
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
