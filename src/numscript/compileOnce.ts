import { compile } from "./compile.js";

type Compiled = ReturnType<typeof compile>;

export interface CacheLimits {
  readonly maxScripts: number;
  /** Of all scripts together; a program takes some hundred times the memory of its text. */
  readonly maxCharacters: number;
}

/** `compileText`, remembering what was used last within `limits`. */
export function rememberCompiled(
  compileText: (source: string) => Compiled,
  { maxScripts, maxCharacters }: CacheLimits,
): (source: string) => Compiled {
  // In the order of their last use.
  const known = new Map<string, Compiled>();
  let characters = 0;

  const forget = (source: string): void => {
    if (known.delete(source)) characters -= source.length;
  };

  return (source) => {
    const found = known.get(source);
    const script = found === undefined ? detached(source) : source;
    const compiled = found ?? compileText(script);
    forget(source);
    if (source.length > maxCharacters) return compiled;
    known.set(script, compiled);
    characters += source.length;
    for (const oldest of known.keys()) {
      if (known.size <= maxScripts && characters <= maxCharacters) break;
      forget(oldest);
    }
    return compiled;
  };
}

/** A copy, in memory of its own: a text cut out of a request keeps the whole request alive. */
const detached = (text: string): string => JSON.parse(JSON.stringify(text));

/** `compile`, but at once for the scripts used most recently. */
export const compileOnce: typeof compile = rememberCompiled(compile, {
  maxScripts: 1000,
  maxCharacters: 1 << 19,
});
