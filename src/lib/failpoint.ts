/** An instant at which a process may die, or lose its database, with work half done. */
export type Instant =
  /** What a batch needs is there. */
  | "loaded"
  /** What it writes is known, and nothing of it is sent. */
  | "decided"
  /** It is sent, but for its commit. */
  | "saved"
  /** It is committed, and nobody knows. */
  | "committed"
  /** A sink has taken events, and the cursor has not moved. */
  | "sent";

/** Told that a ledger has reached an instant, and waited for. */
type Reached = (instant: Instant, ledger: string) => Promise<void>;

/** Null wherever the server runs as it was built: no variable, flag or request sets it, only a test inside of the process. */
export const failpoints: { readonly reached: Reached | null } = { reached: null };
