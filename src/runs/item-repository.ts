import type { Db } from '../db/open.ts'
import { LeaseLost, type NewRunItem, OUTCOMES, type RunCounts } from './run.ts'

/** The write side of `run_items`: items and the counts of their run change together or not at all. */
export function runItemWriter(db: Db) {
  const client = db.$client
  const addCounts = client.prepare(
    `update runs set created = created + @created, changed = changed + @changed, unchanged = unchanged + @unchanged,
       done = done + @done, skipped = skipped + @skipped, failed = failed + @failed, found = coalesce(@found, found)
     where id = @id and state = 'running'`,
  )
  const insert = client.prepare(
    `insert into run_items (run_id, at, outcome, count, order_id, cs_cart_order_id, reason, detail, exchanges)
     values (@runId, @at, @outcome, @count, @orderId, @csCartOrderId, @reason, @detail, @exchanges)`,
  )

  const record = client.transaction((id: number, items: NewRunItem[], at: number, found: number | undefined) => {
    const counts = sumOf(items)
    if (addCounts.run({ ...counts, found: found ?? null, id }).changes === 0) throw new LeaseLost(id)
    for (const item of items) {
      insert.run({
        runId: id,
        at,
        outcome: item.outcome,
        count: item.count ?? 1,
        orderId: item.orderId ?? null,
        csCartOrderId: item.csCartOrderId ?? null,
        reason: item.reason ?? null,
        detail: item.detail ?? null,
        exchanges: item.exchanges && item.exchanges.length > 0 ? JSON.stringify(item.exchanges) : null,
      })
    }
  })

  return {
    /** Inside a transaction of the caller this is a savepoint of it. @throws LeaseLost, and then nothing was written */
    record(id: number, items: NewRunItem[], at: number, found?: number): void {
      record(id, items, at, found)
    },
  }
}

function sumOf(items: NewRunItem[]): RunCounts {
  const counts: RunCounts = { created: 0, changed: 0, unchanged: 0, done: 0, skipped: 0, failed: 0 }
  for (const outcome of OUTCOMES) {
    for (const item of items) if (item.outcome === outcome) counts[outcome] += item.count ?? 1
  }
  return counts
}
