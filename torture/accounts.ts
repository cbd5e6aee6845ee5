/** Few and hot. */
export const ACCOUNTS = ["users:0", "users:1", "users:2", "shops:0", "shops:1"];

export const ASSETS = ["EUR/2", "COIN"];
