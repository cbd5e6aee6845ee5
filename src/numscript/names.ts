/** Far above any sensible name, and within what a database index holds. */
export const LONGEST_ACCOUNT = 1024;

/** The account outside: it never runs out of money. */
export const WORLD = "world";

export const ACCOUNT_PATTERN = "^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$";
export const ASSET_PATTERN = "^[A-Z][A-Z0-9]{0,16}(_[A-Z]{1,16})?(/\\d{1,6})?$";

const ACCOUNT = new RegExp(ACCOUNT_PATTERN);
const ASSET = new RegExp(ASSET_PATTERN);

/** Whether `text` names an account, e.g. "users:42:wallet". */
export const isAccount = (text: string): boolean =>
  text.length <= LONGEST_ACCOUNT && ACCOUNT.test(text);

/** Whether `text` names an asset, e.g. "EUR/2", "GEM", or in colour "USD_RED/2". */
export const isAsset = (text: string): boolean => ASSET.test(text);
