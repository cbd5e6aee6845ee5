import { ownText } from "../../lib/ownText.js";
import { type Json, parseJson } from "../../lib/parseJson.js";
import { printJson } from "../../lib/printJson.js";
import { fail, ok, type Result } from "../../lib/result.js";
import { type Contract, type ContractFault, parseContract, type SentContract } from "./contract.js";

/** The rules of a ledger. The first contract that covers an account decides; if none does, its balance must be ≥ 0. */
export interface Mapping {
  readonly contracts: readonly Contract[];
  readonly readsMetadata: boolean;
}

export const NO_MAPPING: Mapping = { contracts: [], readsMetadata: false };

/** Every process that writes to the ledger remembers its mapping. */
const MOST_CONTRACTS = 1000;
const MOST_CHARACTERS = 256 * 1024;

export type MappingFault =
  | ({ readonly kind: "invalid-contract"; readonly contract: number } & ContractFault)
  | { readonly kind: "mapping-too-large"; readonly limit: string };

export function parseMapping(sent: readonly SentContract[]): Result<Mapping, MappingFault> {
  if (sent.length > MOST_CONTRACTS) {
    return fail({ kind: "mapping-too-large", limit: `${MOST_CONTRACTS} contracts` });
  }
  const contracts: Contract[] = [];
  for (const [index, each] of sent.entries()) {
    const parsed = parseContract(ownContract(each));
    if (!parsed.ok) return fail({ kind: "invalid-contract", contract: index, ...parsed.failure });
    contracts.push(parsed.value);
  }
  const mapping = { contracts, readsMetadata: contracts.some((each) => each.readsMetadata) };
  return mappingJson(mapping).length > MOST_CHARACTERS
    ? fail({ kind: "mapping-too-large", limit: `${MOST_CHARACTERS} characters` })
    : ok(mapping);
}

/** Remembered for as long as it is in force, and of the request that brought it nothing else. */
const ownContract = ({ name, account, expr }: SentContract): SentContract => ({
  name: ownText(name),
  account: ownText(account),
  expr: ownText(expr),
});

/** The contracts as a JSON array, in which integers of any size are exact. */
export const mappingJson = ({ contracts }: Mapping): string =>
  `[${contracts.map(contractJson).join()}]`;

const contractJson = ({ name, account, expr }: Contract): string =>
  `{"name":${JSON.stringify(name)},"account":${JSON.stringify(account)},"expr":${expr}}`;

/** The mapping that `mappingJson` made `text` of. Throws if it did not. */
export function readMappingJson(text: string): Mapping {
  const json = parseJson(text);
  if (!Array.isArray(json)) throw new RangeError("stored mapping: no list");
  const mapping = parseMapping(json.map(toSent));
  if (!mapping.ok) throw new RangeError(`stored mapping: ${JSON.stringify(mapping.failure)}`);
  return mapping.value;
}

function toSent(json: Json): SentContract {
  const member = (key: string) => (json instanceof Map ? json.get(key) : null) ?? null;
  const text = (key: string) => String(member(key));
  return { name: text("name"), account: text("account"), expr: printJson(member("expr")) };
}

/** The contract that decides on an account; undefined where its balance must simply be ≥ 0. */
export const contractFor = ({ contracts }: Mapping, address: string): Contract | undefined =>
  contracts.find(({ covers }) => covers(address));

/** Whether it takes an account's metadata to decide on it. */
export const judgesByMetadata = (mapping: Mapping, address: string): boolean =>
  mapping.readsMetadata && (contractFor(mapping, address)?.readsMetadata ?? false);
