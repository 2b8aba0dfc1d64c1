import type { CsCartClient } from '../cscart/client.ts'
import type { LiveOrder } from './to-cscart.ts'

/**
 * Reads what the shop has of an order just now. The shipments are read last: a write of ours that the shop is still busy with is
 * then seen rather than missed.
 * @throws CsCartError
 */
export async function lookAt(client: CsCartClient, csCartOrderId: number, signal?: AbortSignal): Promise<LiveOrder> {
  const fetched = await client.order(csCartOrderId, signal)
  if (!fetched) return { order: undefined, shipments: [] }
  const shipments = await client.shipmentsOf(csCartOrderId, signal)
  return { order: fetched.order, shipments: shipments.filter((shipment) => shipment.orderId === csCartOrderId) }
}
