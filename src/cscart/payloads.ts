import type { CsCartAddress, CsCartLine, CsCartTax, ShippingGroup } from './order-parts.ts'

export type { CsCartAddress, CsCartLine, CsCartTax, ShippingGroup } from './order-parts.ts'

/** An order as CS-Cart knows it. Money in 1/100 units, instants in ms UTC. */
export type CsCartOrder = {
  orderId: number
  status: string
  orderedAt: number
  /** undefined where CS-Cart has no such time, or a zero one. */
  updatedAt: number | undefined
  /** Whether the key is there at all: the shop is newer than 4.10. */
  knowsUpdatedAt: boolean
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
  discountCents: number
  surchargeCents: number
  taxes: CsCartTax[]
  /** Sorted by item id. */
  lines: CsCartLine[]
  groups: ShippingGroup[]
  shipmentIds: number[]
}

/**
 * Reads the detail of an order.
 * @param raw what JSON.parse gave
 * @throws CsCartError('unexpected_shape' | 'invalid_text') with the path of the field
 */
export function parseOrder(raw: unknown): CsCartOrder {
  throw new Error(`not written yet: ${typeof raw}`)
}
