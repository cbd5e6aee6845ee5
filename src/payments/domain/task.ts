import type { Micros } from "../../lib/time.js";

/**
 * PENDING waits for a free place among its connector's tasks; ACTIVE runs, or waits for its next turn; TERMINATED has
 * done its work; FAILED gave up.
 */
export type TaskStatus = "PENDING" | "ACTIVE" | "TERMINATED" | "FAILED";

/** A piece of a connector's work. */
export interface Task {
  readonly id: string;
  /** The installation that it works for. */
  readonly connector: string;
  /** JSON text. */
  readonly descriptor: string;
  readonly status: TaskStatus;
  /** JSON text; null before it has come anywhere. */
  readonly state: string | null;
  /** What went wrong last; "" if nothing. */
  readonly error: string;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}
