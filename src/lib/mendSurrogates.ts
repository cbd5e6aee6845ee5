/** `text` with U+FFFD in the place of each half of a surrogate pair that lacks the other: it can be written as UTF-8. */
export const mendSurrogates = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");
