import type { Db } from '../db/open.ts'
import { type DueRule, NOT_DUE_LABELS, type NotDueReason, whyNotDue, writtenAs } from '../orders/order.ts'
import type { StatusRole } from '../orders/status.ts'

/** Orders that are alike in everything that the due rule asks. */
type AlikeOrders = {
  cancelled: 0 | 1
  written: 0 | 1
  numbered: 0 | 1
  carried: 0 | 1
  shipDate: string | null
  statusId: number
  orders: number
}

/** How many orders of a shop are not in an export, by the first reason; orders that were written already are not counted. */
export function leftOutReader(db: Db) {
  const alike = db.$client.prepare<[number, number], AlikeOrders>(`
    select cancelled_in_cs_cart_at is not null as cancelled,
      coalesce(exported_as = coalesce(carrier, '') || '|' || tracking_number, 0) as written,
      tracking_number <> '' as numbered, carrier is not null as carried, ship_date as "shipDate", status_id as "statusId",
      count(*) as orders
    from orders where shop_id = ? and ordered_at >= ? group by 1, 2, 3, 4, 5, 6`)

  return {
    /**
     * @param orderedSince ms UTC: older orders are not counted
     * @param roleOf the role of an order status, null for an ordinary one
     */
    count(
      shopId: number,
      orderedSince: number,
      rule: Omit<DueRule, 'statusRole'>,
      roleOf: (statusId: number) => StatusRole,
    ): Map<NotDueReason, number> {
      const counts = new Map<NotDueReason, number>()
      for (const group of alike.all(shopId, orderedSince)) {
        const reason = reasonOf(group, { ...rule, statusRole: roleOf(group.statusId) })
        if (reason === undefined || reason === 'already_written') continue
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
  }
  return whyNotDue({ ...order, exportedAs: group.written ? writtenAs(order) : null }, rule)
}
