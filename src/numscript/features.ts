/** What a script may use only if the host, or its own first line `#![feature("…")]`, switches it on. */
export const features = [
  "experimental-overdraft-function",
  "experimental-get-asset-function",
  "experimental-get-amount-function",
  "experimental-oneof",
  "experimental-account-interpolation",
  "experimental-mid-script-function-call",
  "experimental-asset-colors",
  "experimental-asset-scaling",
] as const;

export type Feature = (typeof features)[number];

const names: ReadonlySet<string> = new Set(features);

export const isFeature = (name: string): name is Feature => names.has(name);
