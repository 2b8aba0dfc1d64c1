import { CANCELLED_LETTERS } from '../cscart/statuses.ts'
import { and, asc, eq, inArray, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { importBaseline, importFailures, importStates, orders } from '../db/schema.ts'
import type { FailureReason } from '../failures.ts'
import type { Period } from '../period.ts'

/** How far the imports of a shop have looked; see db/schema.ts. */
export type ImportState = Omit<typeof importStates.$inferSelect, 'shopId'>

/** An order that could not be taken in and has not come in since. */
export type ImportFailure = typeof importFailures.$inferSelect

/** A stored order as the look for left ones needs it. */
export type StoredOrder = Pick<
  typeof orders.$inferSelect,
  'csCartOrderId' | 'csCartStatus' | 'totalCents' | 'cancelledInCsCartAt'
>

/** A stored order as 「突き合わせ」 compares it. */
export type PlacedOrder = StoredOrder & { orderId: number; orderedAt: number }

const NOTHING_SEEN: ImportState = {
  updatedWatermark: null,
  fullCheckAt: null,
  lateScanAt: null,
  baselineLetters: null,
}

const CHUNK = 500

/** What imports remember between runs. All writes are synchronous: call them inside the transaction of the orders. */
export function importRepository(db: Db) {
  const stateOf = db
    .select()
    .from(importStates)
    .where(eq(importStates.shopId, sql.placeholder('shopId')))
    .prepare()
  const failuresOf = db
    .select()
    .from(importFailures)
    .where(eq(importFailures.shopId, sql.placeholder('shopId')))
    .orderBy(asc(importFailures.csCartOrderId))
    .limit(sql.placeholder('limit'))
    .prepare()
  const forgetFailure = db.$client.prepare<[number, number]>(
    'delete from import_failures where shop_id = ? and cs_cart_order_id = ?',
  )
  const failed = db.$client.prepare<[number, number, string, string | null, number]>(
    `insert into import_failures (shop_id, cs_cart_order_id, reason, detail, attempts, failed_at) values (?, ?, ?, ?, 1, ?)
     on conflict (shop_id, cs_cart_order_id)
     do update set reason = excluded.reason, detail = excluded.detail, attempts = attempts + 1, failed_at = excluded.failed_at`,
  )

  // Not by Drizzle: mapping the ten thousand orders of a month would hold up pages for longer than the query itself.
  // The plus keeps SQLite to the index by time: by the shop it would go through all of its orders, however old.
  const storedWhere = (condition: string) =>
    db.$client.prepare<[number, number, number, number, string, string, number], PlacedOrder>(`
      select id as "orderId", cs_cart_order_id as "csCartOrderId", cs_cart_status as "csCartStatus",
        total_cents as "totalCents", cancelled_in_cs_cart_at as "cancelledInCsCartAt", ordered_at as "orderedAt"
      from orders
      where +shop_id = ? and (ordered_at, id) > (?, ?) and ordered_at <= ?
        and cs_cart_status ${condition} (select value from json_each(?))
        and (cancelled_in_cs_cart_at is null or cs_cart_status in (select value from json_each(?)))
      order by ordered_at, id limit ?`)
  const storedIn = storedWhere('in')
  const storedNotIn = storedWhere('not in')

  return {
    state(shopId: number): ImportState {
      return stateOf.get({ shopId }) ?? NOTHING_SEEN
    },

    /** Behind the shop's address is another shop now: what imports have seen of the old one says nothing. */
    forget(shopId: number): void {
      for (const table of [importStates, importBaseline, importFailures]) {
        db.delete(table).where(eq(table.shopId, shopId)).run()
      }
    },

    saveState(shopId: number, change: Partial<ImportState>): void {
      if (Object.keys(change).length === 0) return
      db.insert(importStates)
        .values({ shopId, ...change })
        .onConflictDoUpdate({ target: importStates.shopId, set: change })
        .run()
    },

    /** CS-Cart number -> the status it had when the baseline was taken. */
    baseline(shopId: number): Map<number, string> {
      const rows = db.select().from(importBaseline).where(eq(importBaseline.shopId, shopId)).all()
      return new Map(rows.map((row) => [row.csCartOrderId, row.csCartStatus]))
    },

    addToBaseline(shopId: number, rows: { orderId: number; status: string }[]): void {
      if (rows.length === 0) return
      db.insert(importBaseline)
        .values(rows.map((row) => ({ shopId, csCartOrderId: row.orderId, csCartStatus: row.status })))
        .onConflictDoNothing()
        .run()
    },

    dropFromBaseline(shopId: number, ids: number[]): void {
      for (let at = 0; at < ids.length; at += CHUNK) {
        db.delete(importBaseline)
          .where(
            and(eq(importBaseline.shopId, shopId), inArray(importBaseline.csCartOrderId, ids.slice(at, at + CHUNK))),
          )
          .run()
      }
    },

    /** Notes one more failed attempt at an order. */
    noteFailure(shopId: number, csCartOrderId: number, reason: FailureReason, detail: string | null, at: number): void {
      failed.run(shopId, csCartOrderId, reason, detail, at)
    },

    /** The order has come in, or is none of ours any more. */
    forgetFailure(shopId: number, csCartOrderId: number): void {
      forgetFailure.run(shopId, csCartOrderId)
    },

    /** Orders that could not be taken in, the longest known first. */
    failures(shopId: number, limit = 1_000): ImportFailure[] {
      return failuresOf.all({ shopId, limit })
    },

    /**
     * Stored orders placed in the period (ms UTC) whose status is one of `in`, or none of `notIn`; without those that
     * were found removed from the shop. The oldest first, `limit` at most: ask again with the last one until there are fewer.
     */
    stored(
      shopId: number,
      period: Period,
      letters: { in: string[] } | { notIn: string[] },
      limit: number,
      after?: PlacedOrder,
    ): PlacedOrder[] {
      const statement = 'in' in letters ? storedIn : storedNotIn
      const given = JSON.stringify('in' in letters ? letters.in : letters.notIn)
      const place = [after?.orderedAt ?? period.from, after?.orderId ?? 0] as const
      return statement.all(shopId, ...place, period.to, given, JSON.stringify([...CANCELLED_LETTERS]), limit)
    },

    /** All stored orders placed in the period (ms UTC, both ends included). */
    placedIn(shopId: number, period: Period): PlacedOrder[] {
      return db
        .select({
          orderId: orders.id,
          csCartOrderId: orders.csCartOrderId,
          csCartStatus: orders.csCartStatus,
          totalCents: orders.totalCents,
          cancelledInCsCartAt: orders.cancelledInCsCartAt,
          orderedAt: orders.orderedAt,
        })
        .from(orders)
        .where(and(eq(orders.shopId, shopId), sql`${orders.orderedAt} between ${period.from} and ${period.to}`))
        .orderBy(asc(orders.orderedAt))
        .all()
    },
  }
}
export type ImportRepository = ReturnType<typeof importRepository>
