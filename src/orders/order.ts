/** 受注: one CS-Cart order as it is stored here, and the one rule of what is due for export. */
import { isCancelled } from '../cscart/statuses.ts'
import type { orderHistory, orderLines, orders } from '../db/schema.ts'
import { addDays, type Day } from '../period.ts'
import type { StatusRole } from './status.ts'

export type Order = Omit<typeof orders.$inferSelect, 'searchText' | 'readAs'>
export type OrderLine = typeof orderLines.$inferSelect
export type HistoryEntry = typeof orderHistory.$inferSelect
export type ExportState = Order['exportState']

/** What only CS-Cart says of an order; an import brings it up to date. */
export type CsCartOwned = Pick<
  Order,
  | 'csCartStatus'
  | 'orderedAt'
  | 'csCartUpdatedAt'
  | 'buyerName'
  | 'buyerKana'
  | 'company'
  | 'email'
  | 'phone'
  | 'billing'
  | 'shipping'
  | 'paymentMethod'
  | 'shippingMethod'
  | 'deliveryDate'
  | 'deliverySlot'
  | 'customerNotes'
  | 'staffNotes'
  | 'totalCents'
  | 'subtotalCents'
  | 'shippingCents'
  | 'discountCents'
  | 'surchargeCents'
  | 'taxes'
>

export type ImportedLine = Omit<OrderLine, 'orderId'>

/** An order as an import hands it over, mapped from CS-Cart's answer. */
export type ImportedOrder = CsCartOwned & {
  shopId: number
  csCartOrderId: number
  /** In a fixed order (by itemId), so that the same order gives the same hash. */
  lines: ImportedLine[]
  /** CS-Cart's answer as it came, JSON text. */
  raw: string
  /** By which rules it was read: the same answer read by the same rules gives the same order. */
  readBy: string
}

/** What staff type: everything that no import ever touches. */
export type StaffFields = Partial<Pick<Order, 'statusId' | 'shipDate' | 'carrier' | 'trackingNumber' | 'memo'>>

/** How often the clock tries to export one order by itself before a person has to look. */
export const MOST_EXPORT_ATTEMPTS = 5

export type ExportScope = 'processed_only' | 'all_active'

/** Why an order is not in an export, in the order in which they are told. */
export const NOT_DUE_LABELS = {
  cancelled_in_cs_cart: 'CS-Cart側でキャンセル',
  already_written: '書出済み',
  no_ship_date: '出荷日なし',
  no_tracking_number: '伝票番号なし',
  no_carrier: '配送業者なし',
  status_out_of_scope: '対象外ステータス',
  outside_window: '作成期間外',
} as const

export type NotDueReason = keyof typeof NOT_DUE_LABELS

export type DueFacts = Pick<
  Order,
  'cancelledInCsCartAt' | 'shipDate' | 'trackingNumber' | 'carrier' | 'exportedAs' | 'exportState'
>

export type DueRule = {
  /** API書出. */
  scope: ExportScope
  /** 作成期間, both days included, in the app's time zone. */
  fromDay: Day
  toDay: Day
  /** The role of the order's own status, null for an ordinary one. */
  statusRole: StatusRole
}

/**
 * The due rule, here and nowhere else: page, preview, button, clock and command line ask this.
 * @returns undefined when the order is due, else the first reason why it is not
 */
export function whyNotDue(order: DueFacts, rule: DueRule): NotDueReason | undefined {
  if (order.cancelledInCsCartAt !== null) return 'cancelled_in_cs_cart'
  if (order.exportedAs !== null && order.exportedAs === writtenAs(order)) return 'already_written'
  if (order.shipDate === null) return 'no_ship_date'
  if (order.trackingNumber === '') return 'no_tracking_number'
  if (order.carrier === null) return 'no_carrier'
  if (!inScope(rule.statusRole, rule.scope)) return 'status_out_of_scope'
  if (order.shipDate < rule.fromDay || order.shipDate > rule.toDay) return 'outside_window'
  return undefined
}

/** What an export of the order writes, for `exportedAs`: our carrier id and the slip numbers. Differs from now = due again. */
export function writtenAs(order: Pick<Order, 'carrier' | 'trackingNumber'>): string {
  return `${order.carrier ?? ''}|${order.trackingNumber}`
}

/**
 * `exportedAs` while another content than the last confirmed one may have reached the shop: equal to nothing that an order can say, so
 * that it stays due until the shop was read, also where staff take their correction back.
 */
export const UNSURE = '?'

/** CS-Cart has the order no more: its mark is that of a cancelled one, its status still that of the last import. */
export function isGone(order: Pick<Order, 'cancelledInCsCartAt' | 'csCartStatus'>): boolean {
  return order.cancelledInCsCartAt !== null && !isCancelled(order.csCartStatus)
}

/** What a person has seen of the shop's changes of an order: 「確認した」 is for these and none that came since. */
export function seenAs({ changedInCsCartAt, contentHash }: Pick<Order, 'changedInCsCartAt' | 'contentHash'>): string {
  return `${changedInCsCartAt ?? ''}|${contentHash}`
}

/** Whether a status with this role is inside API書出's choice. */
export function inScope(role: StatusRole, scope: ExportScope): boolean {
  return scope === 'processed_only' ? role === 'processed' : role !== 'new' && role !== 'cancelled'
}

/** 作成期間 as days: from today minus N days to today. */
export function exportWindow(exportDays: number, today: Day): { fromDay: Day; toDay: Day } {
  return { fromDay: addDays(today, -exportDays), toDay: today }
}
