/**
 * What an import compares. The hash holds all that CS-Cart owns except what an export of ours (or the passing of time) changes
 * there: status, `updated_at` and shipped amounts are compared on their own, so that our own writing is no change.
 */
import { hash } from 'node:crypto'
import type { StoredAddress, StoredOption, StoredTax } from '../db/schema.ts'
import type { ImportedLine, ImportedOrder } from './order.ts'

/** The JSON columns of an order as text, keys in a fixed order whatever the mapping's was. */
export type JsonColumns = { billing: string; shipping: string; taxes: string; options: string[] }

export function jsonColumns(order: ImportedOrder): JsonColumns {
  const billing = addressJson(order.billing)
  const same = order.shipping === order.billing
  return {
    billing,
    shipping: same ? billing : addressJson(order.shipping),
    taxes: order.taxes.length === 0 ? '[]' : JSON.stringify(order.taxes.map(taxWithFixedKeys)),
    options: order.lines.map(({ options }) =>
      options.length === 0 ? '[]' : JSON.stringify(options.map(optionWithFixedKeys)),
    ),
  }
}

/** @returns the hash of the order's content, 28 characters */
export function contentHashOf(order: ImportedOrder, json: JsonColumns): string {
  const head = [
    order.orderedAt,
    order.buyerName,
    order.buyerKana,
    order.company,
    order.email,
    order.phone,
    json.billing,
    json.shipping,
    order.paymentMethod,
    order.shippingMethod,
    order.deliveryDate,
    order.deliverySlot,
    order.customerNotes,
    order.staffNotes,
    order.totalCents,
    order.subtotalCents,
    order.shippingCents,
    order.discountCents,
    order.surchargeCents,
    json.taxes,
  ]
  // Lengths are not needed between the parts: NUL is in no text that CS-Cart sends, and JSON escapes it.
  let text = head.join('\0')
  for (const [at, line] of order.lines.entries()) text += lineText(line, json.options[at] ?? '')
  return hash('sha1', text, 'base64')
}

const lineText = (line: ImportedLine, options: string): string =>
  `\0\0${line.itemId}\0${line.productId}\0${line.productCode}\0${line.name}\0${options}\0${line.amount}\0${line.unitPriceCents}\0${line.subtotalCents}\0${line.groupKey}\0${line.downloadable ? 1 : 0}`

function addressJson({ name, kana, postalCode, country, prefecture, city, address1, address2, phone }: StoredAddress) {
  return JSON.stringify({ name, kana, postalCode, country, prefecture, city, address1, address2, phone })
}

const taxWithFixedKeys = ({ name, rate, included, cents }: StoredTax) => ({ name, rate, included, cents })
const optionWithFixedKeys = ({ name, value }: StoredOption) => ({ name, value })
