import { CsCartError } from '../errors.ts'
import type { Period } from '../period.ts'
import {
  type CsCartShipment,
  type OrderStatusName,
  type OrdersPage,
  parseCreatedShipment,
  parseOrdersPage,
  parseShipment,
  parseShipments,
  parseStatuses,
  parseVersion,
} from './lists.ts'
import { type CsCartOrder, parseOrder } from './payloads.ts'
import { wrongShape } from './read.ts'

/** One call of the API, as the client sends it. */
export type CsCartRequest<T> = {
  method: 'GET' | 'POST' | 'PUT'
  /** Below `api/2.0/`. */
  path: string
  query?: Query
  body?: Readonly<Record<string, unknown>>
  /** The path names one thing by its id, so that a 404 may mean it is gone. */
  one?: boolean
  read: (value: unknown, text: string) => T
  /** An answer with a text that is known already stands for `as`, and is neither parsed nor read. */
  known?: { isKnown: (text: string) => boolean; as: T }
}

export type Query = Readonly<Record<string, string | readonly string[]>>

export type Ask = <T>(request: CsCartRequest<T>, signal?: AbortSignal) => Promise<T>

export type OrdersQuery = {
  /** Letters; none: all but the incomplete ones. */
  statuses?: string[]
  /** Placed at, ms UTC. */
  period?: Period
  /** Changed since, ms UTC. Silently ignored by shops that do not know `updated_at`. */
  updatedFrom?: number
  orderIds?: number[]
  includeIncomplete?: boolean
  sortBy: 'order_id' | 'date'
  sortOrder: 'asc' | 'desc'
  /** Never 0: that is everything at once. */
  itemsPerPage: number
  page: number
}

export type FetchedOrder = {
  order: CsCartOrder
  /** The JSON text as answered. */
  raw: string
}

/** Its status is always S, 配送済み: older versions take none later. */
export type NewShipment = {
  orderId: number
  shippingId: number
  /** Item id to amount; never empty, or CS-Cart would ship all of its first group. */
  lines: Record<string, number>
  carrier: string
  trackingNumber: string
  comments: string
  notifyCustomer: boolean
}

export type ShipmentChange = { trackingNumber?: string; status?: 'S'; comments?: string }

/** The calls that we make, over whatever carries a request. */
export function csCartCalls(ask: Ask) {
  return {
    /** The version of the API (not of the shop): the cheapest test of address and key. */
    apiVersion(signal?: AbortSignal): Promise<string> {
      return ask({ method: 'GET', path: 'version', read: parseVersion }, signal)
    },

    listOrders(query: OrdersQuery, signal?: AbortSignal): Promise<OrdersPage> {
      const read = (value: unknown): OrdersPage => parseOrdersPage(value, query)
      return ask({ method: 'GET', path: 'orders', query: ordersQuery(query), read }, signal)
    },

    /** undefined where the shop itself says that it has no such order. */
    order(id: number, signal?: AbortSignal): Promise<FetchedOrder | undefined> {
      return unlessMissing(ask(orderRequest(id), signal))
    },

    /** The same, and 'known' where its text is one that `isKnown` knows. */
    orderIfNew(
      id: number,
      isKnown: (text: string) => boolean,
      signal?: AbortSignal,
    ): Promise<FetchedOrder | 'known' | undefined> {
      return unlessMissing(
        ask<FetchedOrder | 'known'>({ ...orderRequest(id), known: { isKnown, as: 'known' } }, signal),
      )
    },

    /** All shipments of an order, each once: CS-Cart repeats the last page for any page past the end. */
    async shipmentsOf(orderId: number, signal?: AbortSignal): Promise<CsCartShipment[]> {
      const found = new Map<number, CsCartShipment>()
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const { shipments, totalItems } = await ask(shipmentsPage(orderId, page), signal)
        const before = found.size
        for (const shipment of shipments) found.set(shipment.shipmentId, shipment)
        const nothingNew = found.size === before
        if (nothingNew || found.size >= (totalItems ?? Number.POSITIVE_INFINITY)) break
        if (totalItems === undefined && shipments.length < SHIPMENTS_PER_PAGE) break
      }
      return [...found.values()]
    },

    shipment(id: number, signal?: AbortSignal): Promise<CsCartShipment | undefined> {
      const read = (value: unknown): CsCartShipment => {
        const shipment = parseShipment(value)
        if (shipment.shipmentId !== id) throw wrongShape('shipment_id')
        return shipment
      }
      return unlessMissing(ask({ method: 'GET', path: `shipments/${id}`, one: true, read }, signal))
    },

    /** Registers a shipment and gives its id. Not repeatable: ask for the order's shipments before a second try. */
    createShipment(shipment: NewShipment, signal?: AbortSignal): Promise<number> {
      const body = {
        order_id: shipment.orderId,
        shipping_id: shipment.shippingId,
        products: shipment.lines,
        carrier: shipment.carrier,
        tracking_number: shipment.trackingNumber,
        status: 'S',
        comments: shipment.comments,
        ...(shipment.notifyCustomer ? { notify_user: true } : {}),
      }
      return ask({ method: 'POST', path: 'shipments', body, read: parseCreatedShipment }, signal)
    },

    /** @throws CsCartError('rejected') where the shop's version takes no change (all up to 4.13 do) */
    async updateShipment(id: number, change: ShipmentChange, signal?: AbortSignal): Promise<void> {
      const body = {
        ...(change.trackingNumber === undefined ? {} : { tracking_number: change.trackingNumber }),
        ...(change.status === undefined ? {} : { status: change.status }),
        ...(change.comments === undefined ? {} : { comments: change.comments }),
      }
      if (Object.keys(body).length === 0) return
      await ask({ method: 'PUT', path: `shipments/${id}`, one: true, body, read: nothing }, signal)
    },

    /**
     * Moves an order to another status. CS-Cart says yes to unknown orders and letters as well: read the order back.
     * Nothing but these two keys may ever be sent: with any other the shop recalculates and rewrites the order.
     */
    async setOrderStatus(
      id: number,
      letter: string,
      { notifyCustomer }: { notifyCustomer: boolean },
      signal?: AbortSignal,
    ): Promise<void> {
      if (!/^[A-Za-z0-9]$/.test(letter)) throw new TypeError(`"${letter}" is no status letter`)
      // The flag counts whatever its value is, "N" included; so it is there or it is not.
      const body = notifyCustomer ? { status: letter, notify_user: true } : { status: letter }
      await ask({ method: 'PUT', path: `orders/${id}`, one: true, body, read: nothing }, signal)
    },

    /** The shop's order statuses by its own names. Needs a right that an API account may lack. */
    orderStatuses(signal?: AbortSignal): Promise<OrderStatusName[]> {
      const query = { type: 'O', items_per_page: '100', lang_code: 'ja' }
      return ask({ method: 'GET', path: 'statuses', query, read: parseStatuses }, signal)
    },
  }
}

function orderRequest(id: number) {
  const read = (value: unknown, raw: string): FetchedOrder => {
    const order = parseOrder(value)
    if (order.orderId !== id) throw wrongShape('order_id')
    return { order, raw }
  }
  return { method: 'GET' as const, path: `orders/${id}`, one: true, read }
}

const SHIPMENTS_PER_PAGE = 100
const MOST_PAGES = 50

function shipmentsPage(orderId: number, page: number): CsCartRequest<ReturnType<typeof parseShipments>> {
  return {
    method: 'GET',
    path: 'shipments',
    query: {
      order_id: String(orderId),
      items_per_page: String(SHIPMENTS_PER_PAGE),
      page: String(page),
      sort_by: 'id',
      sort_order: 'asc',
    },
    read: (value) => {
      const answer = parseShipments(value)
      const stranger = answer.shipments.findIndex((shipment) => shipment.orderId !== orderId)
      if (stranger >= 0) throw wrongShape(`shipments.${stranger}.order_id`)
      return answer
    },
  }
}

function ordersQuery(query: OrdersQuery): Query {
  return {
    ...(query.statuses?.length ? { 'status[]': query.statuses } : {}),
    // Without `period` the two times are ignored; they are whole seconds, cut off like the orders' own.
    ...(query.period ? { period: 'C', time_from: seconds(query.period.from), time_to: seconds(query.period.to) } : {}),
    ...(query.updatedFrom === undefined ? {} : { updated_at_from: seconds(query.updatedFrom) }),
    ...(query.orderIds?.length ? { order_id: query.orderIds.join(',') } : {}),
    ...(query.includeIncomplete ? { include_incompleted: '1' } : {}),
    sort_by: query.sortBy,
    sort_order: query.sortOrder,
    items_per_page: String(query.itemsPerPage),
    page: String(query.page),
  }
}

function seconds(ms: number): string {
  return String(Math.max(0, Math.floor(ms / 1000)))
}

const nothing = (): void => {}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CsCartError && error.reason === 'not_found') return undefined
    throw error
  }
}
