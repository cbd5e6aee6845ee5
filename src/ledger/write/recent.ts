import { ownText } from "../../lib/ownText.js";

/** A map that forgets what was not used lately. */
export interface Recent<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/** Remembers the last `size` entries used, and at most as many more. */
export function recent<V>(size: number): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const set = (key: string, value: V) => {
    young.set(young.has(key) ? key : ownText(key), value);
    if (young.size < size) return;
    old = young;
    young = new Map();
  };
  return {
    set,
    get(key) {
      const value = young.get(key) ?? old.get(key);
      if (value !== undefined && !young.has(key)) set(key, value);
      return value;
    },
  };
}
