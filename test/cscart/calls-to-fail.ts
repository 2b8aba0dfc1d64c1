import type { CsCartClient } from '../../src/cscart/client.ts'
import { CsCartError } from '../../src/errors.ts'

export const page = { sortBy: 'order_id', sortOrder: 'asc', itemsPerPage: 10, page: 1 } as const

export const shipment = {
  orderId: 1,
  shippingId: 2,
  lines: { 3: 1 },
  carrier: 'yamato',
  trackingNumber: '123456789012',
  comments: '',
  notifyCustomer: false,
}

/** The failure of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<CsCartError> {
  try {
    await call
  } catch (error) {
    if (error instanceof CsCartError) return error
    throw error
  }
  throw new Error('the call went through')
}

/** A read that must fail. */
export const list = (client: CsCartClient) => failureOf(client.listOrders(page))
/** A write that must fail. */
export const post = (client: CsCartClient) => failureOf(client.createShipment(shipment))
