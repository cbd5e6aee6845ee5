/** A map that forgets what was not used lately. */
export interface Recent<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
}

/** Remembers the last `size` entries used, and at most as many more. */
export function recent<K, V>(size: number): Recent<K, V> {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  const set = (key: K, value: V) => {
    young.set(key, value);
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
