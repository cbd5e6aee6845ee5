import { chmod, mkdir, realpath, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import type { Logger } from "pino";
import { sqlState } from "../transaction.js";
import { serverAccount } from "./account.js";
import { openCluster } from "./cluster.js";
import { openHome } from "./home.js";
import { databaseUrl, leaveSeat, takeSeat } from "./seat.js";
import { socketFolder } from "./socket.js";
import { findSoftware, installedSoftware } from "./software.js";

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  /** PostgreSQL settings above our own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A database that runs beside this process. */
export interface Embedded {
  readonly url: string;
  /** Leaves the database, and stops it unless another process uses it. */
  stop(): Promise<void>;
}

const DATABASE = "florin";

/**
 * Starts the database in `dataDir`, or joins it where it runs already: left behind by a process that was killed, or
 * shared with one that lives. The last one to leave stops it. A database that goes down is started again.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, logger, settings = {} } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const folder = await realpath(dataDir);
  const account = await serverAccount(join(folder, "postgres"));
  // The account that stands in for root passes through to what is its own, and does not look around.
  await chmod(folder, account === null ? 0o700 : 0o711);
  const home = await openHome(folder, account);
  const software = await findSoftware(installedSoftware(), home, account);
  const data = await openCluster(home, software, account);
  const socket = await socketFolder(home, account);
  const server = { data, socketFolder: socket, software, account, settings };

  let stopping = false;
  const watch = (seat: Client): Client =>
    seat.once("end", () => {
      if (!stopping) current = comeBack();
    });
  const comeBack = async (): Promise<Client | null> => {
    logger.error("the embedded PostgreSQL went down: starting it again");
    while (!stopping) {
      try {
        return watch(await takeSeat(server));
      } catch (err) {
        logger.error({ err }, "the embedded PostgreSQL does not come back");
      }
    }
    return null;
  };

  const seat = await takeSeat(server);
  await createDatabase(seat);
  let current: Promise<Client | null> = Promise.resolve(watch(seat));

  return {
    url: databaseUrl(seat.host, DATABASE),
    async stop() {
      stopping = true;
      const last = await current;
      if (last !== null) await leaveSeat(last, data);
      // Not empty while others use it.
      if (socket !== home) await rmdir(socket).catch(() => {});
    },
  };
}

async function createDatabase(seat: Client): Promise<void> {
  const { rowCount } = await seat.query("select from pg_database where datname = $1", [DATABASE]);
  if (rowCount !== 0) return;
  await seat.query(`create database ${DATABASE}`).catch((error) => {
    if (!MADE_MEANWHILE.includes(sqlState(error) ?? "")) throw error;
  });
}

const MADE_MEANWHILE = ["42P04", "23505"];
