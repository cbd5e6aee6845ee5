/** A group of operations. An operation belongs to the first group whose paths it is among. */
interface Tag {
  readonly name: string;
  readonly description: string;
  readonly paths: RegExp;
}

const TAGS: readonly Tag[] = [
  {
    name: "Stack",
    description: "The process as a whole. Open to all.",
    paths: /^\/versions$|_healthcheck$/,
  },
  {
    name: "Tokens",
    description:
      "OAuth 2 and OpenID Connect: how a client comes by a token, asks about it and ends it.",
    paths: /^\/api\/auth\/(oauth|revoke|userinfo|authorize|end_session|keys|\.well-known)/,
  },
  {
    name: "Transactions",
    description: "Ledger: money that moves from account to account, all of it or nothing.",
    paths: /^\/api\/ledger\/\{ledger\}\/(transactions|script)/,
  },
  {
    name: "Accounts",
    description: "Ledger: accounts, their metadata and what they hold.",
    paths: /^\/api\/ledger\/\{ledger\}\/(accounts|balances|aggregate)/,
  },
  {
    name: "Logs",
    description: "Ledger: every write, chained to the one before by its hash.",
    paths: /^\/api\/ledger\/\{ledger\}\/(logs|verify)/,
  },
  {
    name: "Ledgers",
    description: "Ledger: which ledgers there are, how much they hold, what limits balances.",
    paths: /^\/api\/ledger\//,
  },
  {
    name: "Connectors",
    description: "Payments: what brings them in, its tasks, and transfers that it shall make.",
    paths: /^\/api\/payments\/connectors/,
  },
  {
    name: "Payments",
    description: "Payments: money that moved at providers, and the accounts there.",
    paths: /^\/api\/payments\//,
  },
  { name: "Clients", description: "Auth: who may call.", paths: /^\/api\/auth\/(clients|_info)/ },
  { name: "Scopes", description: "Auth: what they may do.", paths: /^\/api\/auth\/scopes/ },
  {
    name: "Users",
    description: "Auth: the people who have logged in.",
    paths: /^\/api\/auth\/users/,
  },
];

export const tags = TAGS.map(({ name, description }) => ({ name, description }));

export function tagOf(path: string): string {
  const tag = TAGS.find(({ paths }) => paths.test(path));
  if (tag === undefined) throw new Error(`${path} belongs to no group`);
  return tag.name;
}
