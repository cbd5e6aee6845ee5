import { type Page, readPage } from "../lib/page.js";
import { fail, ok, type Result } from "../lib/result.js";
import { isUuid, type ListQuery } from "./domain/listing.js";
import type { Task } from "./domain/task.js";
import type { NotInstalled, TaskFault } from "./fault.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";
import { findTask, readTasks } from "./store/tasks.js";

/** A page of the tasks of the connector of that kind, newest first. */
export async function listTasks(
  { db }: Payments,
  provider: string,
  query: ListQuery,
): Promise<Result<Page<Task>, NotInstalled>> {
  const installed = await findConnector(db, provider);
  if (installed === null) return fail({ kind: "not-installed", provider });
  return ok(
    await readPage(
      (position, limit) => readTasks(db, installed.id, query.steps, position, limit),
      query,
      ({ key }) => JSON.stringify(key),
    ),
  );
}

/** A task of the connector of that kind. */
export async function getTask(
  { db }: Payments,
  provider: string,
  id: string,
): Promise<Result<Task, NotInstalled | TaskFault>> {
  const installed = await findConnector(db, provider);
  if (installed === null) return fail({ kind: "not-installed", provider });
  if (!isUuid(id)) return fail({ kind: "invalid-task-id", id });
  const task = await findTask(db, installed.id, id);
  return task ? ok(task) : fail({ kind: "task-not-found", id });
}
