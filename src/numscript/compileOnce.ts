import { ownText } from "../lib/ownText.js";
import { compile } from "./compile.js";

type Compiled = ReturnType<typeof compile>;

interface Known {
  /** Its text, of which nothing belongs to a request. */
  readonly script: string;
  readonly compiled: Compiled;
}

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
  const known = new Map<string, Known>();
  let characters = 0;

  const forget = (source: string): void => {
    if (known.delete(source)) characters -= source.length;
  };

  const add = (source: string): Known => {
    const script = ownText(source);
    return { script, compiled: compileText(script) };
  };

  return (source) => {
    const entry = known.get(source) ?? add(source);
    const { script, compiled } = entry;
    forget(script);
    if (script.length > maxCharacters) return compiled;
    known.set(script, entry);
    characters += script.length;
    for (const oldest of known.keys()) {
      if (known.size <= maxScripts && characters <= maxCharacters) break;
      forget(oldest);
    }
    return compiled;
  };
}

/** `compile`, but at once for the scripts used most recently. */
export const compileOnce: typeof compile = rememberCompiled(compile, {
  maxScripts: 1000,
  maxCharacters: 1 << 19,
});
