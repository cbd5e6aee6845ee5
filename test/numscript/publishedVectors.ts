import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type Json, parseJson } from "../../src/lib/parseJson.js";
import { isFeature } from "../../src/numscript/features.js";
import type { Circumstances } from "./books.js";

/** The published test cases lie beside the repository where Florin is developed. */
const FOLDER = new URL("../../../shared/numscript-vectors/", import.meta.url);

export const hasPublishedVectors = existsSync(FOLDER);

/** One run of a published script, and what it is to lead to. What is not expected is not checked. */
export interface Vector {
  readonly name: string;
  readonly script: string;
  readonly circumstances: Circumstances;
  /** By name, dots and all: "expect.postings". */
  readonly expected: Readonly<Record<string, Plain>>;
}

/** JSON whose integers are exact. */
export type Plain = null | boolean | string | bigint | Plain[] | { [key: string]: Plain };

export type PlainObject = { readonly [key: string]: Plain };

/** All cases of all published scripts. */
export const publishedVectors = (): Vector[] =>
  readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".num"))
    .sort()
    .flatMap(vectorsOf);

function vectorsOf(file: string): Vector[] {
  const script = readFileSync(new URL(file, FOLDER), "utf8");
  const specs = toPlain(
    parseJson(readFileSync(new URL(`${file}.specs.json`, FOLDER), "utf8")),
  ) as PlainObject;
  return (specs["testCases"] as PlainObject[]).map((testCase, index) => ({
    name: `${file} #${index}`,
    script,
    expected: testCase,
    circumstances: {
      balances: { ...balancesOf(specs), ...balancesOf(testCase) },
      variables: { ...textsOf(specs), ...textsOf(testCase) },
      metadata: mergedMetadata(specs, testCase),
      features: ((specs["featureFlags"] ?? []) as string[]).filter(isFeature),
    },
  }));
}

const textsOf = ({ variables }: PlainObject) => variables as Record<string, string>;

const balancesOf = ({ balances }: PlainObject): Record<string, bigint> =>
  Object.fromEntries(
    ((balances ?? []) as PlainObject[]).map((row) => [
      `${row["account"]} ${row["asset"]}`,
      row["amount"] as bigint,
    ]),
  );

function mergedMetadata(specs: PlainObject, testCase: PlainObject) {
  const ofFile = (specs["metadata"] ?? {}) as Record<string, PlainObject>;
  const ofCase = (testCase["metadata"] ?? {}) as Record<string, PlainObject>;
  const accounts = [...Object.keys(ofFile), ...Object.keys(ofCase)];
  return Object.fromEntries(
    accounts.map((account) => [account, { ...ofFile[account], ...ofCase[account] }]),
  );
}

function toPlain(json: Json): Plain {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(toPlain);
  if (json instanceof Map) {
    return Object.fromEntries([...json].map(([key, member]) => [key, toPlain(member)]));
  }
  return BigInt((json as { token: string }).token);
}
