/** What an operation that may be refused returns: its value, or the reason as data. Faults of ours are thrown. */
export type Result<T, F> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: F };

/** A result that holds `value`. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** A result that says why not. */
export const fail = <const F>(failure: F): { readonly ok: false; readonly failure: F } => ({
  ok: false,
  failure,
});
