import type { Db } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { Told } from "../domain/payment.js";
import type { SavedPayment } from "../domain/saved.js";
import { texts } from "./texts.js";

/** A payment that is to be stored. */
export interface Incoming extends Told {
  readonly id: string;
}

interface Bearer {
  /** Id of the installation. */
  readonly connector: string;
  readonly provider: string;
}

/**
 * Stores `payments`, each id at most once among them, and answers those that are new or have changed, in order. What
 * has changed its status or amount since it was told last gets an adjustment, dated after all that are known: clocks
 * differ, and what was told last counts. The caller holds the connector's lock, and from now on that of the events'
 * numbers.
 */
export async function savePayments(
  trx: Db,
  { connector, provider }: Bearer,
  payments: readonly Incoming[],
  now: Micros,
): Promise<SavedPayment[]> {
  if (payments.length === 0) return [];
  const date = formatInstant(now);
  const { rows } = await trx.raw<{ rows: SavedPayment[] }>(SAVE, [
    payments.map(({ id }) => id),
    payments.map(({ reference }) => reference),
    payments.map(({ type }) => type),
    payments.map(({ status }) => status),
    payments.map(({ scheme }) => scheme),
    payments.map(({ asset }) => asset),
    payments.map(({ amount }) => String(amount)),
    payments.map(({ createdAt }) => formatInstant(createdAt ?? now)),
    texts(payments.map(({ raw }) => raw)),
    texts(payments.map(({ account }) => account ?? null)),
    texts(payments.map(({ source }) => source ?? null)),
    texts(payments.map(({ destination }) => destination ?? null)),
    ...[provider, provider, provider],
    ...[connector, date],
    ...[connector, provider, date],
  ]);
  return rows.sort((one, other) => (one.event < other.event ? -1 : 1));
}

const SAVE = `
  with told as (
    select * from unnest(
      ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::numeric[], ?::timestamptz[], ?::text[],
      ?::text[], ?::text[], ?::text[]
    ) with ordinality as told (
      id, reference, type, status, scheme, asset, amount, created_at, raw, account, source, destination, number
    )
  ), linked as (
    select told.id, told.reference, told.type, status, scheme, asset, amount, told.created_at, raw, number,
      account.id as account, source.id as source, destination.id as destination
    from told
    left join payment_accounts as account on account.provider = ? and account.reference = told.account
    left join payment_accounts as source on source.provider = ? and source.reference = told.source
    left join payment_accounts as destination on destination.provider = ? and destination.reference = told.destination
  ), changed as materialized (
    select linked.*, told_status <> linked.status or told_amount <> linked.amount as is_adjusted,
      row_number() over (order by number) - 1 as place
    from linked
    left join payments as before on before.id = linked.id
    where before.id is null or (
      told_status, told_amount, before.scheme, before.asset, before.raw, before.account, source_account, destination_account
    ) is distinct from (
      linked.status, linked.amount, linked.scheme, linked.asset, linked.raw, linked.account, linked.source, linked.destination
    )
  ), head as (
    update payments_head set next_event = next_event + (select count(*) from changed)
    where id = 0 and exists (select from changed)
    returning next_event - (select count(*) from changed) as first
  ), adjusted as (
    insert into payment_adjustments (payment, reference, connector, date, status, amount, absolute, raw)
    select id, 'poll:' || (first + place), ?, greatest(?::timestamptz, (
      select max(date) + interval '1 microsecond' from payment_adjustments where payment = changed.id
    )), status, amount, true, raw
    from changed, head where is_adjusted
  )
  insert into payments as known (
    id, connector, provider, reference, type, status, scheme, asset, initial_amount, amount, told_status, told_amount,
    account, source_account, destination_account, created_at, raw, event, changed_at
  )
  select id, ?, ?, reference, type, status, scheme, asset, amount, amount, status, amount,
    account, source, destination, created_at, raw, first + place, ?::timestamptz
  from changed, head
  on conflict (id) do update set
    status = case when (known.told_status, known.told_amount) = (excluded.told_status, excluded.told_amount)
      then known.status else excluded.status end,
    amount = case when (known.told_status, known.told_amount) = (excluded.told_status, excluded.told_amount)
      then known.amount else excluded.amount end,
    told_status = excluded.told_status, told_amount = excluded.told_amount,
    scheme = excluded.scheme, asset = excluded.asset, raw = excluded.raw, account = excluded.account,
    source_account = excluded.source_account, destination_account = excluded.destination_account,
    event = excluded.event, changed_at = excluded.changed_at
  returning id, provider, reference, type, status, scheme, asset, initial_amount as "initialAmount", amount,
    created_at as "createdAt", event, xmax = 0 as "isNew"`;
