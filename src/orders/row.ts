/** Rows of better-sqlite3 as orders: columns by their TypeScript names, JSON columns parsed. */
import type { HistoryEntry, Order, OrderLine } from './order.ts'

const COLUMNS = [
  'id',
  'shopId',
  'csCartOrderId',
  'csCartStatus',
  'orderedAt',
  'csCartUpdatedAt',
  'buyerName',
  'buyerKana',
  'company',
  'email',
  'phone',
  'billing',
  'shipping',
  'paymentMethod',
  'shippingMethod',
  'deliveryDate',
  'deliverySlot',
  'customerNotes',
  'staffNotes',
  'totalCents',
  'subtotalCents',
  'shippingCents',
  'discountCents',
  'surchargeCents',
  'taxes',
  'contentHash',
  'cancelledInCsCartAt',
  'changedInCsCartAt',
  'importedAt',
  'statusId',
  'shipDate',
  'carrier',
  'trackingNumber',
  'memo',
  'version',
  'exportState',
  'exportReason',
  'exportedAs',
  'exportedAt',
  'exportAttempts',
] as const satisfies readonly (keyof Order)[]

const LINE_COLUMNS = [
  'orderId',
  'itemId',
  'productId',
  'productCode',
  'name',
  'options',
  'amount',
  'unitPriceCents',
  'subtotalCents',
  'groupKey',
  'downloadable',
  'shippedAmount',
] as const satisfies readonly (keyof OrderLine)[]

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const selectList = (names: readonly string[], table: string) =>
  names.map((name) => `${table}.${snake(name)} as "${name}"`).join(', ')

/** The select list of an order, the table being named `o`. */
export const ORDER_COLUMNS = selectList(COLUMNS, 'o')
/** The select list of an order line, the table being named `l`. */
export const ORDER_LINE_COLUMNS = selectList(LINE_COLUMNS, 'l')

type Json<T, K extends keyof T> = Omit<T, K> & Record<K, string>

export type OrderRow = Json<Order, 'billing' | 'shipping' | 'taxes'>
export type OrderLineRow = Json<Omit<OrderLine, 'downloadable'>, 'options'> & { downloadable: number }
export type HistoryRow = Json<HistoryEntry, 'changes'>

export function orderOf(row: OrderRow): Order {
  return {
    ...row,
    billing: JSON.parse(row.billing),
    shipping: JSON.parse(row.shipping),
    taxes: JSON.parse(row.taxes),
  }
}

export function orderLineOf(row: OrderLineRow): OrderLine {
  return { ...row, options: JSON.parse(row.options), downloadable: row.downloadable === 1 }
}

export function historyEntryOf(row: HistoryRow): HistoryEntry {
  return { ...row, changes: JSON.parse(row.changes) }
}
