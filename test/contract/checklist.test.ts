import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** A test: its file, below `test/` or from the top, and its name. */
type Proof = readonly [file: string, name: string];

/** What clients of the reference rely on: each has a test here or elsewhere. */
const QUIRKS: Readonly<Record<string, readonly Proof[]>> = {
  "deprecated twins": [
    [
      "contract/quirks",
      "errors have both spellings of their code and message, those of a script too",
    ],
    ["ledger/reads/rest", "a list has both spellings, no empty cursors, and times in seconds"],
  ],
  "lists and objects": [
    [
      "contract/quirks",
      "a created transaction comes in a list, one that is read or reverted by itself, a script's at the top",
    ],
  ],
  "scripts are always 200": [
    [
      "rest/script",
      "what is refused has the contract's code, message and link, on each route in its own way",
    ],
    ["rest/script", "both routes commit a script and show its transaction in their own shape"],
  ],
  "codes in messages, and the playground": [
    [
      "rest/script",
      "what is refused has the contract's code, message and link, on each route in its own way",
    ],
    ["rest/script", "several problems are several lines, which the link shows as lines too"],
  ],
  "unknown accounts and ledgers are empty": [
    ["ledger/reads/accounts", "an account that nobody has used is empty, and stays unmade"],
    [
      "ledger/reads/info",
      "a ledger that nobody has written to answers as an empty one, and is not made",
    ],
  ],
  "amounts are integers of any size": [
    ["contract/quirks", "amounts go in and out as bare integers, to the last digit"],
    ["clients/sameState", "what one wire writes all wires read alike, to the last digit"],
  ],
  "numbers, cursors and page sizes": [
    [
      "contract/quirks",
      "numbers of transactions and logs begin at 0, and cursors are texts that need no encoding",
    ],
    [
      "contract/quirks",
      "a page of 0 is one of 15, and one of more than 1000 is one of 1000, on every list",
    ],
    ["ledger/reads/transactions", "`after` is exclusive, and any number of 64 bits will do"],
  ],
  "times in filters and answers": [
    [
      "contract/quirks",
      "a time from which on is inclusive, one up to which exclusive, and transactions are shown in seconds",
    ],
  ],
  "no timestamps of the past": [
    [
      "ledger/write",
      "a timestamp before the last transaction's is refused, an equal or later one taken",
    ],
    ["ledger/rpc", "the ledger's refusals carry the contract's codes and messages"],
  ],
  "the marks of a revert": [["ledger/rpc", "a revert undoes a transaction once, and marks both"]],
  "metadata is merged, world is an account": [
    [
      "ledger/rpc",
      "metadata is merged key by key, into accounts that are made if need be and into transactions",
    ],
    ["contract/quirks", "world and accounts that have nothing but metadata are listed and counted"],
  ],
  "conflicts and missing funds": [
    [
      "contract/quirks",
      "a reference that is taken is 409, funds that are missing are 400 and name the asset",
    ],
  ],
  contracts: [
    [
      "contract/quirks",
      "the first contract whose pattern is found in an address decides, for postings and reverts, never for scripts or world",
    ],
    ["ledger/mapping", "the first contract that covers an account decides, and no later one"],
    [
      "ledger/mapping",
      "a contract is asked only about the end of a transaction, if a balance went down, and never about world",
    ],
    ["ledger/script", "the mapping does not bind scripts"],
  ],
  "HEAD counts": [["ledger/reads/rest", "HEAD counts"]],
  "the chain of logs": [
    ["src/ledger/domain/log", "the chain is the reference's, byte for byte"],
    ["contract/quirks", "logs show what was written: no volumes, and metadata as it was"],
  ],
  "idempotency keys": [
    [
      "contract/quirks",
      "a request that is repeated under its key is answered as before; another one under it is refused with a reason",
    ],
    [
      "ledger/rpc",
      "the same idempotency key gives the same answer, flagged; with another request it is refused",
    ],
  ],
  "freedom of postings": [
    [
      "contract/quirks",
      "nothing, a payment to oneself and a debt between two postings are accepted",
    ],
    ["ledger/write", "only the end of a transaction must be covered"],
  ],
  "who the server is": [
    ["ledger/reads/info", "the server tells who it is and which ledgers it holds, by name"],
  ],
};

/** Faults of the reference that are mended. */
const FIXES: Readonly<Record<string, readonly Proof[]>> = {
  "answers without a body": [
    [
      "hostileInput",
      "a bad posting is refused on every wire, naming what is wrong, and changes nothing",
    ],
    [
      "rest/script",
      "what is malformed is a 400 with a reason, on /script too; unknown fields are ignored",
    ],
    [
      "ledger/mapping",
      "a contract that compares what is no integer refuses, and says which and why",
    ],
  ],
  "mappings and faults of ours": [
    ["contract/fixes", "a mapping that is none is refused, and the one before stays"],
    ["contract/fixes", "a mapping is read as JSON, whatever its content type is"],
    [
      "contract/fixes",
      "a fault of ours is told in the standard body, with a request id and nothing else",
    ],
  ],
  "metadata that is null": [
    ["contract/fixes", "metadata that is null is refused, and what was there stays"],
  ],
  "keys of metadata": [
    [
      "contract/fixes",
      "a key of metadata with a dot is found as it stands, and otherwise as a path",
    ],
    ["ledger/reads/hostile", "text of any kind is no more than text"],
  ],
  "short, empty and bad patterns": [
    ["contract/fixes", "a filter of one character is a filter, and an empty one is none"],
    ["ledger/reads/hostile", "%s: what is no regular expression is refused"],
  ],
  "pages of any size": [
    [
      "contract/quirks",
      "a page of 0 is one of 15, and one of more than 1000 is one of 1000, on every list",
    ],
    ["ledger/reads/badCursors", "%s: a cursor that is none of ours is refused"],
  ],
  "what cursors carry": [
    [
      "contract/fixes",
      "a cursor carries all that was asked for, the asset of a balance and metadata too",
    ],
  ],
  "the default timestamp": [
    [
      "ledger/write",
      "without a timestamp it is now, cut to the second, or the last one if that is later",
    ],
  ],
  "events are told after the commit, and told": [
    ["events/publisher", "a sink that is down, from the start on, gets all when it is back"],
    [
      "events/crash",
      "after kill -9 another process goes on within half a minute, and nothing is missing",
    ],
    ["events/payloads", "previews and refusals are not told"],
  ],
  "nothing is remembered that was not committed": [
    ["ledger/write", "two processes write one ledger: no number is skipped or given twice"],
    ["ledger/trouble", "a batch whose backend is terminated before its commit is run again"],
    ["src/ledger/domain/execute", "a refused, repeated or previewed request leaves no trace"],
  ],
  "zones and 64 bits": [
    ["contract/fixes", "times are found in whatever zone the database lives"],
    ["contract/fixes", "numbers of transactions and logs have 64 bits"],
  ],
  "numbers in contracts": [
    [
      "contract/fixes",
      "contracts compare numbers by their value, of balances and of metadata alike",
    ],
  ],
  "large numbers in a path": [["ledger/reads/transactions", "there is no transaction %s"]],
  "the types of _info": [["ledger/reads/info", "a ledger tells by which migrations it is stored"]],
  "what is kept under a key": [
    ["ledger/script", "a refusal is not kept under its key: the same request may succeed later"],
    ["ledger/trouble", "nothing is kept under the key of a refused request or a preview"],
  ],
  "values in scripts": [
    ["contract/fixes", "a variable must be an account or an asset to stand for one"],
    ["contract/fixes", "what a script writes into metadata a script can read, of every type"],
  ],
  "the asset that is named": [
    [
      "ledger/write",
      "insufficient funds name the first account and asset in posting order, and the numbers",
    ],
  ],
  "scripts that give up": [
    [
      "rest/script",
      "what is refused has the contract's code, message and link, on each route in its own way",
    ],
  ],
};

test.each(Object.entries({ ...QUIRKS, ...FIXES }))("%s: its tests exist", (_, proofs) => {
  for (const [file, name] of proofs) {
    const path = file.startsWith("src/") ? `${file}.test.ts` : `test/${file}.test.ts`;
    const text = readFileSync(path, "utf8");
    const isThere = [`"${name}",`, `'${name}',`].some((quoted) => text.includes(quoted));
    expect(isThere, `${path}: ${name}`).toBe(true);
  }
});
