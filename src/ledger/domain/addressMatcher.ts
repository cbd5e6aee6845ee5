/** Up to this length, V8 finds a text in another in time linear in their lengths, whatever they are. */
const LONGEST = 250;

/**
 * Tells whether a contract's pattern matches anywhere in an address: "*" stands for any text, ".*" for any but none,
 * and "^" and "$" hold it to the beginning and the end. Null for anything else of regular expressions: this runs while a
 * ledger is locked, so it must take little time for any pattern and address.
 */
export function addressMatcher(pattern: string): ((address: string) => boolean) | null {
  if (pattern.length > LONGEST) return null;
  const isAtStart = pattern.startsWith("^");
  const isAtEnd = pattern.endsWith("$");
  const parts = pattern.slice(isAtStart ? 1 : 0, isAtEnd ? -1 : undefined).split(/([.*]+)/);
  const texts = parts.filter((_, index) => index % 2 === 0);
  const gaps = parts.filter((_, index) => index % 2 === 1);
  if (!texts.every((text) => /^[\w:-]*$/.test(text))) return null;
  if (!gaps.every((gap) => gap.includes("*"))) return null;
  const least = ["", ...gaps].map((gap) => gap.replaceAll("*", "").length);

  /** Each text is taken where it comes first: that leaves most to those after it. */
  return (address) => {
    let end = 0;
    for (const [index, text] of texts.entries()) {
      const from = end + (least[index] ?? 0);
      const isHeldToEnd = isAtEnd && index === texts.length - 1;
      const at = isHeldToEnd ? address.length - text.length : address.indexOf(text, from);
      if (at < from || !address.startsWith(text, at)) return false;
      if (isAtStart && index === 0 && at > 0) return false;
      end = at + text.length;
    }
    return true;
  };
}
