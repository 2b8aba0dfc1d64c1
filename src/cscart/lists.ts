import type { CsCartError } from '../errors.ts'

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
}

export type OrdersPage = {
  rows: OrderRow[]
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
  status: string
  trackingNumber: string
  carrier: string
  shippingId: number
  comments: string
  /** Item id to amount. */
  lines: Record<string, number>
  at: number
}

export type OrderStatusName = { letter: string; name: string }
