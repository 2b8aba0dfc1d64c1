import { CsCartError } from '../errors.ts'
import {
  below,
  cents,
  entries,
  type Fields,
  instant,
  instantOrNone,
  integerFrom,
  integerOrNone,
  isDigits,
  letter,
  record,
  recordOrEmpty,
  text,
  wrongShape,
} from './read.ts'

/** What the list of orders knows about one of them. */
export type OrderRow = {
  orderId: number
  status: string
  orderedAt: number
  totalCents: number
  firstname: string
  lastname: string
  email: string
  phone: string
  /** The row names its storefront, as only versions newer than C-416 do (cs-cart-api.md 12). */
  knowsStorefront: boolean
}

export type OrdersPage = {
  rows: OrderRow[]
  /** How many rows the page has, those that stand in it twice (by an add-on's join) or could not be read among them. */
  count: number
  /** As the shop says it: older shops answer a page past the end with the last one. */
  page: number
  itemsPerPage: number
  totalItems: number | undefined
  /** Rows that could not be read: one each, never the page. */
  faults: { index: number; csCartOrderId?: number; error: CsCartError }[]
}

export type CsCartShipment = {
  shipmentId: number
  orderId: number
  /** '' on versions without shipment statuses. */
  status: string
  trackingNumber: string
  carrier: string
  /** 0 where the shop names none. */
  shippingId: number
  comments: string
  /** Item id to amount. */
  lines: Record<string, number>
  /** ms UTC; 0 where the shop names none. */
  at: number
}

export type OrderStatusName = { letter: string; name: string }

/**
 * Reads a page of GET /orders.
 * @param asked stands in where the shop does not repeat it
 * @throws CsCartError('unexpected_shape') where there is no list of orders at all; a row that does not parse is a fault
 */
export function parseOrdersPage(raw: unknown, asked: { page: number; itemsPerPage: number }): OrdersPage {
  const answer = record(raw, '')
  const params = recordOrEmpty(answer.params, 'params')
  const all = entries(answer.orders, 'orders')
  const rows = new Map<number, OrderRow>()
  const faults: OrdersPage['faults'] = []
  for (const [index, [key, value]] of all.entries()) {
    const path = `orders.${key}`
    try {
      const row = rowOf(record(value, path), path)
      const before = rows.get(row.orderId)
      if (before && !sameRow(before, row)) throw wrongShape(`${path}.order_id`)
      rows.set(row.orderId, row)
    } catch (error) {
      if (!(error instanceof CsCartError)) throw error
      const csCartOrderId = idOf(value)
      faults.push({ index, ...(csCartOrderId === undefined ? {} : { csCartOrderId }), error })
    }
  }
  return {
    rows: [...rows.values()],
    count: all.length,
    page: pagingNumber(params, 'page') ?? asked.page,
    itemsPerPage: pagingNumber(params, 'items_per_page') ?? asked.itemsPerPage,
    totalItems: pagingNumber(params, 'total_items'),
    faults,
  }
}

function rowOf(row: Fields, path: string): OrderRow {
  return {
    orderId: integerFrom(1, row, 'order_id', path),
    status: letter(row, 'status', path),
    orderedAt: instant(row, 'timestamp', path),
    totalCents: cents(row, 'total', path),
    firstname: text(row, 'firstname', path),
    lastname: text(row, 'lastname', path),
    email: text(row, 'email', path),
    phone: text(row, 'phone', path),
    knowsStorefront: row.storefront_id !== undefined,
  }
}

/** The same order twice with different facts cannot both be true. */
function sameRow(a: OrderRow, b: OrderRow): boolean {
  return a.status === b.status && a.orderedAt === b.orderedAt && a.totalCents === b.totalCents
}

function idOf(row: unknown): number | undefined {
  try {
    return integerFrom(1, record(row, ''), 'order_id', '')
  } catch {
    return undefined
  }
}

function pagingNumber(params: Fields, key: string): number | undefined {
  const found = integerOrNone(params, key, 'params')
  return found === undefined || found < 0 ? undefined : found
}

/** Reads one shipment, as GET /shipments/:id and each row of GET /shipments give it. */
export function parseShipment(raw: unknown, path = ''): CsCartShipment {
  const shipment = record(raw, path)
  return {
    shipmentId: integerFrom(1, shipment, 'shipment_id', path),
    orderId: integerFrom(0, shipment, 'order_id', path),
    status: text(shipment, 'status', path),
    trackingNumber: text(shipment, 'tracking_number', path),
    carrier: text(shipment, 'carrier', path),
    shippingId: integerOrNone(shipment, 'shipping_id', path) ?? 0,
    comments: text(shipment, 'comments', path),
    lines: amountsOf(shipment.products, below(path, 'products')),
    at: instantOrNone(shipment, 'shipment_timestamp', path) ?? 0,
  }
}

function amountsOf(value: unknown, path: string): Record<string, number> {
  const amounts: Record<string, number> = {}
  const given = recordOrEmpty(value, path)
  for (const itemId of Object.keys(given)) {
    if (!isDigits(itemId)) throw wrongShape(`${path}.${itemId}`)
    amounts[itemId] = integerFrom(0, given, itemId, path)
  }
  return amounts
}

/** Reads a page of GET /shipments; one that does not parse fails the whole, as nothing may be shipped twice over it. */
export function parseShipments(raw: unknown): { shipments: CsCartShipment[]; totalItems: number | undefined } {
  const answer = record(raw, '')
  return {
    shipments: entries(answer.shipments, 'shipments').map(([key, value]) => parseShipment(value, `shipments.${key}`)),
    totalItems: pagingNumber(recordOrEmpty(answer.params, 'params'), 'total_items'),
  }
}

/** Reads GET /statuses. */
export function parseStatuses(raw: unknown): OrderStatusName[] {
  return entries(record(raw, '').statuses, 'statuses').map(([key, value]) => {
    const path = `statuses.${key}`
    const status = record(value, path)
    return { letter: letter(status, 'status', path), name: text(status, 'description', path) }
  })
}

/** Reads GET /version: the API's version, not the shop's. */
export function parseVersion(raw: unknown): string {
  const found = text(record(raw, ''), 'Version', '')
  if (found === '') throw wrongShape('Version')
  return found
}

/** The id in the answer to POST /shipments. */
export function parseCreatedShipment(raw: unknown): number {
  return integerFrom(1, record(raw, ''), 'shipment_id', '')
}
