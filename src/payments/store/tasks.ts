import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Task } from "../domain/task.js";

/** Schedules tasks, to run at once. One that is scheduled already stays as it is; one that has ended begins anew. */
export const scheduleTasks = (
  trx: Db,
  connector: string,
  descriptors: readonly string[],
  now: Micros,
): Promise<unknown> =>
  trx.raw(
    `insert into connector_tasks as known (id, connector, descriptor, status, created_at, updated_at, due_at)
    select gen_random_uuid(), ?, descriptor, 'ACTIVE', date, date, now()
    from unnest(?::text[]) as told (descriptor), cast(? as timestamptz) as date
    on conflict (connector, descriptor) do update
    set status = 'ACTIVE', error = '', failures = 0, updated_at = excluded.updated_at, due_at = excluded.due_at
    where known.due_at is null`,
    [connector, [...new Set(descriptors)], formatInstant(now)],
  );

export const saveState = (
  trx: Db,
  task: string,
  state: object | undefined,
  now: Micros,
): Promise<unknown> =>
  trx("connector_tasks")
    .where({ id: task })
    .update({
      ...(state !== undefined && { state: JSON.stringify(state) }),
      updated_at: formatInstant(now),
    });

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

/** Where a list of tasks goes on: at this one. */
export interface TaskPlace {
  readonly createdAt: Micros;
  readonly id: string;
}

/** Up to `limit` tasks that are older than one, or else not older than it; the nearest first. */
export function readTasks(
  db: Db,
  connector: string,
  position: { readonly below: TaskPlace } | { readonly from: TaskPlace } | null,
  limit: number,
): Promise<Task[]> {
  const query = db("connector_tasks").select(COLUMNS).where({ connector }).limit(limit);
  const isUpwards = position !== null && "from" in position;
  const direction = isUpwards ? "asc" : "desc";
  query.orderBy([
    { column: "created_at", order: direction },
    { column: "id", order: direction },
  ]);
  if (position === null) return query;
  const place = "from" in position ? position.from : position.below;
  return query.whereRaw(`(created_at, id) ${isUpwards ? ">=" : "<"} (?, ?)`, [
    formatInstant(place.createdAt),
    place.id,
  ]);
}
