import {
  addressOf,
  type CsCartAddress,
  type CsCartLine,
  type CsCartTax,
  fieldsOf,
  groupsOf,
  linesOf,
  type ShippingGroup,
  shipmentIdsOf,
  taxesOf,
} from './order-parts.ts'
import {
  cents,
  centsOrNone,
  flag,
  instant,
  instantOrNone,
  integerFrom,
  letter,
  record,
  recordOrEmpty,
  text,
  wrongShape,
} from './read.ts'

export type { CsCartShipment, OrderRow, OrderStatusName, OrdersPage } from './lists.ts'
export type { CsCartAddress, CsCartLine, CsCartTax, ShippingGroup } from './order-parts.ts'

/** An order as CS-Cart knows it. Money in 1/100 units, instants in ms UTC, texts as stored (entities are not decoded). */
export type CsCartOrder = {
  orderId: number
  status: string
  orderedAt: number
  /** undefined where CS-Cart has no such time, or a zero one. */
  updatedAt: number | undefined
  /** Whether the key is there at all: the shop is newer than 4.10. */
  knowsUpdatedAt: boolean
  /** A Multi-Vendor order that only holds its vendors' orders together. */
  isParent: boolean
  firstname: string
  lastname: string
  company: string
  email: string
  phone: string
  billing: CsCartAddress
  shippingAddress: CsCartAddress
  /** Profile fields by their number; kana lives here. */
  fields: Record<string, string>
  notes: string
  details: string
  paymentMethod: string
  totalCents: number
  subtotalCents: number
  shippingCents: number
  /** Taken off the whole order. A line's own discount is in its price already. */
  discountCents: number
  surchargeCents: number
  taxes: CsCartTax[]
  /** Sorted by item id. */
  lines: CsCartLine[]
  groups: ShippingGroup[]
  shipmentIds: number[]
}

/**
 * Reads the detail of an order (GET /orders/:id). What CS-Cart always sends must be there; the quirks of its PHP
 * (cs-cart-api.md 5 and 7) are taken as they come.
 * @param raw what JSON.parse gave
 * @throws CsCartError('unexpected_shape' | 'invalid_text') with the path of the field
 */
export function parseOrder(raw: unknown): CsCartOrder {
  const order = record(raw, '')
  const orderId = integerFrom(1, order, 'order_id', '')
  const lines = linesOf(order.products)
  const subtotalCents = centsOrNone(order, 'subtotal', '') ?? lines.reduce((sum, line) => sum + line.subtotalCents, 0)
  if (!Number.isSafeInteger(subtotalCents)) throw wrongShape('subtotal')
  return {
    orderId,
    status: letter(order, 'status', ''),
    orderedAt: instant(order, 'timestamp', ''),
    updatedAt: instantOrNone(order, 'updated_at', ''),
    knowsUpdatedAt: order.updated_at !== undefined,
    isParent: flag(order.is_parent_order),
    firstname: text(order, 'firstname', ''),
    lastname: text(order, 'lastname', ''),
    company: text(order, 'company', ''),
    email: text(order, 'email', ''),
    phone: text(order, 'phone', ''),
    billing: addressOf(order, 'b_'),
    shippingAddress: addressOf(order, 's_'),
    fields: fieldsOf(order.fields),
    notes: text(order, 'notes', ''),
    details: text(order, 'details', ''),
    paymentMethod: text(recordOrEmpty(order.payment_method, 'payment_method'), 'payment', 'payment_method'),
    totalCents: cents(order, 'total', ''),
    subtotalCents,
    shippingCents: centsOrNone(order, 'shipping_cost', '') ?? centsOrNone(order, 'display_shipping_cost', '') ?? 0,
    discountCents: centsOrNone(order, 'subtotal_discount', '') ?? 0,
    surchargeCents: centsOrNone(order, 'payment_surcharge', '') ?? 0,
    taxes: taxesOf(order.taxes),
    lines,
    groups: groupsOf(order.shipping),
    shipmentIds: shipmentIdsOf(order.shipment_ids),
  }
}
