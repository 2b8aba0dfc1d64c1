import type { Db } from '../db/open.ts'
import type { FieldChange } from '../db/schema.ts'
import type { HistoryEvent } from './history.ts'
import type { HistoryEntry } from './order.ts'
import { type HistoryRow, historyEntryOf } from './row.ts'

export type NewHistoryEntry = {
  orderId: number
  at: number
  event: HistoryEvent
  accountId?: number | null
  runId?: number | null
  changes?: FieldChange[]
  /** A FailureReason. */
  reason?: string | null
}

/** 履歴: rows are only ever added. */
export function orderHistory(db: Db) {
  const client = db.$client
  const insert = client.prepare<[number, number, string, number | null, number | null, string, string | null]>(
    'insert into order_history (order_id, at, event, account_id, run_id, changes, reason) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const newestFirst = client.prepare<[number, number], HistoryRow>(
    `select id, order_id as "orderId", at, event, account_id as "accountId", run_id as "runId", changes, reason
     from order_history where order_id = ? order by id desc limit ?`,
  )

  return {
    /** Call it inside the transaction of the change itself. */
    addHistory(entry: NewHistoryEntry): void {
      insert.run(
        entry.orderId,
        entry.at,
        entry.event,
        entry.accountId ?? null,
        entry.runId ?? null,
        entry.changes === undefined || entry.changes.length === 0 ? '[]' : JSON.stringify(entry.changes),
        entry.reason ?? null,
      )
    },

    /** The newest `limit` entries, newest first. */
    historyOf(orderId: number, limit = 500): HistoryEntry[] {
      return newestFirst.all(orderId, limit).map(historyEntryOf)
    },
  }
}
export type OrderHistory = ReturnType<typeof orderHistory>
