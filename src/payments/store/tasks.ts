import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Step } from "../domain/listing.js";
import type { Task } from "../domain/task.js";
import { type Listed, readList } from "./readList.js";

/** A task that is to run. */
export interface Scheduled {
  /** JSON text. */
  readonly descriptor: string;
  readonly inMs: number;
}

/** Schedules tasks. One that is scheduled already stays as it is; one that has ended begins anew. */
export const scheduleTasks = (
  trx: Db,
  connector: string,
  tasks: readonly Scheduled[],
  now: Micros,
): Promise<unknown> =>
  trx.raw(
    `insert into connector_tasks as known (id, connector, descriptor, status, created_at, updated_at, due_at)
    select gen_random_uuid(), ?, descriptor, 'ACTIVE', date, date, now() + in_ms * interval '1 ms'
    from unnest(?::text[], ?::float8[]) as told (descriptor, in_ms), cast(? as timestamptz) as date
    on conflict (connector, descriptor) do update
    set status = 'ACTIVE', error = '', failures = 0, updated_at = excluded.updated_at, due_at = excluded.due_at
    where known.due_at is null`,
    [
      connector,
      tasks.map(({ descriptor }) => descriptor),
      tasks.map(({ inMs }) => inMs),
      formatInstant(now),
    ],
  );

/** `state` is JSON text; undefined: as before. */
export const saveState = (
  trx: Db,
  task: string,
  state: string | undefined,
  now: Micros,
): Promise<unknown> =>
  trx("connector_tasks")
    .where({ id: task })
    .update({
      ...(state !== undefined && { state }),
      updated_at: formatInstant(now),
    });

/** Has a task never run again, unless it is scheduled anew. */
export const terminateTask = (trx: Db, task: string): Promise<unknown> =>
  trx("connector_tasks")
    .where({ id: task })
    .update({ status: "TERMINATED", error: "", due_at: null });

const COLUMNS = {
  id: "id",
  connector: "connector",
  descriptor: "descriptor",
  status: "status",
  state: "state",
  error: "error",
  createdAt: "created_at",
  updatedAt: "updated_at",
};

export const findTask = async (db: Db, connector: string, id: string): Promise<Task | null> =>
  (await db("connector_tasks").select(COLUMNS).where({ connector, id }).first()) ?? null;

/** Tasks of an installation, in the order of `steps`. */
export const readTasks = (
  db: Db,
  connector: string,
  steps: readonly Step[],
  position: Position | null,
  limit: number,
): Promise<Listed<Task>[]> =>
  readList(
    db,
    { table: "connector_tasks", columns: COLUMNS, where: { connector } },
    steps,
    position,
    limit,
  );
