/** Far above any sensible address, and within what a PostgreSQL index holds. */
const LONGEST_ADDRESS = 1024;

const ADDRESS = /^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$/;
const ASSET = /^[A-Z][A-Z0-9]{0,16}(_[A-Z]{1,16})?(\/\d{1,6})?$/;
const LEDGER_NAME = /^[0-9a-zA-Z-][0-9a-zA-Z_-]{0,62}$/;

/** Whether `text` names an account, e.g. "users:42:wallet". */
export const isAddress = (text: string): boolean =>
  text.length <= LONGEST_ADDRESS && ADDRESS.test(text);

/** Whether `text` names an asset, e.g. "EUR/2", "USD_GIFT/2", "GEM". */
export const isAsset = (text: string): boolean => ASSET.test(text);

/** Whether `text` may name a ledger. Names that begin with "_" are reserved. */
export const isLedgerName = (text: string): boolean => LEDGER_NAME.test(text);
