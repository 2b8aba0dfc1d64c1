import type { Db } from '../db/open.ts'
import { ATTENTION, type AttentionReason, attentionReasons } from './attention.ts'
import { attentionSql } from './attention-conditions.ts'

/** How many orders a person must look at, and why. */
export function attentionReader(db: Db) {
  const count = db.$client.prepare<[], number>(`select count(distinct id) from (${attentionSql()})`).pluck()
  const among = db.$client.prepare<unknown[], { id: number; reasons: string }>(
    `select id, group_concat(reason) as reasons from (${attentionSql('o.id in (select value from json_each(?))')}) group by id`,
  )
  /** Each reason's select has the ids once. */
  const places = Object.keys(ATTENTION).length

  return {
    attentionCount(): number {
      return count.get() ?? 0
    },

    /** The reasons of these orders, loudest first; orders without any are left out. */
    attentionOf(orderIds: readonly number[]): Map<number, AttentionReason[]> {
      const ids = JSON.stringify(orderIds)
      const rows = among.all(...Array.from({ length: places }, () => ids))
      return new Map(rows.map(({ id, reasons }) => [id, attentionReasons(reasons)]))
    },
  }
}
