/** Why a JSON value does not fit where it stands: "postings[0].amount must be an integer". */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly rule: string;
  readonly path: string;

  constructor(rule: string, path = "") {
    super(`${path.replace(/^\./, "") || "body"} ${rule}`);
    this.rule = rule;
    this.path = path;
  }
}

/** `error`, seen from one level further out. `step` is ".key" or "[index]". */
export const within = (step: string, error: unknown): unknown =>
  error instanceof DecodeError ? new DecodeError(error.rule, step + error.path) : error;
