import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import { NOT_WRITTEN } from '../orders/list-conditions.ts'
import { type DueRule, NOT_DUE_LABELS, type NotDueReason, whyNotDue } from '../orders/order.ts'
import type { StatusRole } from '../orders/status.ts'

/** Orders, not written yet, that are alike in everything that the due rule asks. */
type AlikeOrders = {
  cancelled: 0 | 1
  numbered: 0 | 1
  carried: 0 | 1
  shipDate: string | null
  statusId: number
  orders: number
}

const OF_SHOP = 'o.shop_id = :shopId and o.ordered_at >= :orderedSince'

/** How many orders of a shop are not in an export, by the first reason; orders that were written already are not counted. */
export function leftOutReader(db: Db) {
  // Cancelled ones, and then ones without a ship date, are alike whatever else they have: the rule asks for these first. Each
  // part is counted by an index of its own; going through all orders would hold up other pages.
  const groups = db.$client.prepare<{ shopId: number; orderedSince: number }, AlikeOrders>(`
    select 1 as cancelled, 0 as numbered, 0 as carried, null as "shipDate", min(status_id) as "statusId", count(*) as orders
      from orders o indexed by orders_attention_cancelled
      where o.cancelled_in_cs_cart_at is not null and ${OF_SHOP} having count(*) > 0
    union all
    select 0, 0, 0, null, min(status_id), count(*) from orders o indexed by orders_unwritten_undated
      where o.ship_date is null and o.cancelled_in_cs_cart_at is null and ${NOT_WRITTEN} and ${OF_SHOP} having count(*) > 0
    union all
    select 0, tracking_number <> '', carrier is not null, ship_date, status_id, count(*)
      from orders o indexed by orders_unwritten_dated
      where o.ship_date is not null and o.cancelled_in_cs_cart_at is null and ${NOT_WRITTEN} and ${OF_SHOP}
      group by 2, 3, 4, 5`)
  const remember = remembering(db, { withoutRuns: true })
  const alike = remember((shopId: number, orderedSince: number): readonly AlikeOrders[] =>
    groups.all({ shopId, orderedSince }),
  )

  return {
    /**
     * @param orderedSince ms UTC: older orders are not counted; the same one gives the same answer until something is written
     * @param roleOf the role of an order status, null for an ordinary one
     */
    count(
      shopId: number,
      orderedSince: number,
      rule: Omit<DueRule, 'statusRole'>,
      roleOf: (statusId: number) => StatusRole,
    ): Map<NotDueReason, number> {
      const counts = new Map<NotDueReason, number>()
      for (const group of alike(shopId, orderedSince)) {
        const reason = reasonOf(group, { ...rule, statusRole: roleOf(group.statusId) })
        if (reason === undefined) continue
        counts.set(reason, (counts.get(reason) ?? 0) + group.orders)
      }
      const order = Object.keys(NOT_DUE_LABELS)
      return new Map([...counts].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)))
    },
  }
}
export type LeftOutReader = ReturnType<typeof leftOutReader>

/** Asks the one rule with an order that stands for the whole group. */
function reasonOf(group: AlikeOrders, rule: DueRule): NotDueReason | undefined {
  const order = {
    cancelledInCsCartAt: group.cancelled ? 1 : null,
    shipDate: group.shipDate,
    trackingNumber: group.numbered ? 'any' : '',
    carrier: group.carried ? 'any' : null,
    exportState: 'none' as const,
    exportedAs: null,
  }
  return whyNotDue(order, rule)
}
