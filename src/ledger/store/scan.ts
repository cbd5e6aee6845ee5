import type { Db } from "../../db/database.js";
import type { JsonObject } from "../domain/json.js";
import type { Volume } from "../domain/volumes.js";

const PAGE = 5000;

/** Every account of the ledger. */
export const scanAccounts = (db: Db, ledger: number) =>
  scan<{ id: bigint; address: string; metadata: JsonObject }>((last) =>
    db("accounts")
      .select("id", "address", "metadata")
      .where({ ledger })
      .where("id", ">", String(last?.id ?? -1n))
      .orderBy("id")
      .limit(PAGE),
  );

/** Every volume of the ledger. */
export const scanVolumes = (db: Db, ledger: number) =>
  scan<Volume & { account: bigint; address: string; asset: string }>((last) =>
    db("volumes")
      .join("accounts", (on) =>
        on.on("accounts.ledger", "volumes.ledger").on("accounts.id", "volumes.account"),
      )
      .select("account", "address", "asset", "input", "output")
      .where({ "volumes.ledger": ledger })
      .whereRaw("(account, asset) > (?, ?)", [String(last?.account ?? -1n), last?.asset ?? ""])
      .orderBy(["account", "asset"])
      .limit(PAGE),
  );

/** What was merged into the metadata of each transaction of the ledger after it was made. */
export const scanTransactionMetadata = (db: Db, ledger: number) =>
  scan<{ txid: bigint; metadata: JsonObject }>((last) =>
    db("transaction_metadata")
      .select("txid", "metadata")
      .where({ ledger })
      .where("txid", ">", String(last?.txid ?? -1n))
      .orderBy("txid")
      .limit(PAGE),
  );

/** All rows, read a page at a time, each page from the last row of the one before. */
async function* scan<Row>(
  readAfter: (last: Row | undefined) => PromiseLike<Row[]>,
): AsyncGenerator<Row> {
  let last: Row | undefined;
  do {
    const page = await readAfter(last);
    yield* page;
    last = page[PAGE - 1];
  } while (last !== undefined);
}
