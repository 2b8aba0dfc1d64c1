import type { Shipment, ShopOrder } from './types.ts'

/** Orders and shipments as the shop keeps them, with the bodies that were rendered from them until something changes. */
export function shopMemory(firstOrderId: number) {
  const orders = new Map<number, ShopOrder>()
  const shipments = new Map<number, Shipment>()
  const shipmentIds = new Map<number, number[]>()
  const details = new Map<number, string>()
  const rows = new Map<number, string>()
  const stockShort = new Set<number>()
  const blocked = new Set<number>()
  let nextOrderId = firstOrderId
  let nextShipmentId = 1
  let version = 0

  const forget = (orderId: number): void => {
    details.delete(orderId)
    rows.delete(orderId)
    version += 1
  }
  const kept = (cache: Map<number, string>, orderId: number, render: () => string): string => {
    const known = cache.get(orderId)
    if (known !== undefined) return known
    const body = render()
    cache.set(orderId, body)
    return body
  }

  return {
    /** Orders whose stock is gone: moving into a status that takes stock lands in B. */
    stockShort,
    /** Orders whose status change some add-on of the shop swallows. */
    blocked,
    /** Changes with every change of any order or shipment. */
    version: (): number => version,
    takeOrderId: (wanted?: number): number => {
      const id = wanted ?? nextOrderId
      nextOrderId = Math.max(nextOrderId, id + 1)
      return id
    },

    order: (id: number): ShopOrder | undefined => orders.get(id),
    orders: (): ShopOrder[] => [...orders.values()],
    orderIds: (): Iterable<number> => orders.keys(),
    putOrder(order: ShopOrder): void {
      orders.set(order.id, order)
      forget(order.id)
    },
    removeOrder(id: number): boolean {
      forget(id)
      return orders.delete(id)
    },

    shipment: (id: number): Shipment | undefined => shipments.get(id),
    shipments: (): Shipment[] => [...shipments.values()],
    shipmentsOf: (orderId: number): Shipment[] =>
      (shipmentIds.get(orderId) ?? []).flatMap((id) => {
        const shipment = shipments.get(id)
        return shipment ? [shipment] : []
      }),
    takeShipmentId: (wanted?: number): number => {
      const id = wanted ?? nextShipmentId
      nextShipmentId = Math.max(nextShipmentId, id + 1)
      return id
    },
    putShipment(shipment: Shipment): void {
      const ids = shipmentIds.get(shipment.orderId) ?? []
      if (!ids.includes(shipment.id)) shipmentIds.set(shipment.orderId, [...ids, shipment.id])
      shipments.set(shipment.id, shipment)
      forget(shipment.orderId)
    },
    removeShipment(id: number): Shipment | undefined {
      const shipment = shipments.get(id)
      if (!shipment) return undefined
      shipments.delete(id)
      const ids = shipmentIds.get(shipment.orderId) ?? []
      shipmentIds.set(
        shipment.orderId,
        ids.filter((other) => other !== id),
      )
      forget(shipment.orderId)
      return shipment
    },

    /** How much of a line has been shipped. */
    shippedAmount(orderId: number, itemId: string): number {
      let sum = 0
      for (const id of shipmentIds.get(orderId) ?? []) sum += shipments.get(id)?.products[itemId] ?? 0
      return sum
    },

    detailBody: (orderId: number, render: () => string): string => kept(details, orderId, render),
    rowBody: (orderId: number, render: () => string): string => kept(rows, orderId, render),
  }
}
export type Memory = ReturnType<typeof shopMemory>
