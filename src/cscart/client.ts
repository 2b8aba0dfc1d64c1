import type { Period } from '../period.ts'
import type { CsCartShipment, OrderStatusName, OrdersPage } from './lists.ts'
import type { CsCartOrder } from './payloads.ts'

export type { CsCartShipment, OrderRow, OrderStatusName, OrdersPage } from './lists.ts'

export type CsCartConnection = {
  /** The shop's root, with or without a slash at the end. */
  baseUrl: string
  email: string
  apiKey: string
  /** Whether http:// and private addresses are allowed. */
  allowPrivate: boolean
  requestsAtOnce: number
}

export type OrdersQuery = {
  statuses?: string[]
  /** ms UTC. */
  period?: Period
  /** ms UTC. */
  updatedFrom?: number
  orderIds?: number[]
  includeIncomplete?: boolean
  sortBy: 'order_id' | 'date'
  sortOrder: 'asc' | 'desc'
  itemsPerPage: number
  page: number
}

/** One request to CS-Cart and its answer, freed of secrets and personal data. */
export type Exchange = {
  at: number
  method: string
  path: string
  requestBody?: string
  status?: number
  answer?: string
  ms: number
}

export type FetchedOrder = {
  order: CsCartOrder
  /** The JSON text as answered. */
  raw: string
}

/** Its status is always S. */
export type NewShipment = {
  orderId: number
  shippingId: number
  lines: Record<string, number>
  carrier: string
  trackingNumber: string
  comments: string
  notifyCustomer: boolean
}

export type ShipmentChange = { trackingNumber?: string; status?: 'S'; comments?: string }

export type Timeouts = { connectMs: number; headersMs: number; bodyMs: number; readMs: number; writeMs: number }

export type ClientOptions = {
  now?: () => Date
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  random?: () => number
  timeouts?: Partial<Timeouts>
  userAgent?: string
  /** How often a read is tried in all; 4 by default. */
  attempts?: number
  /** 20 MB by default. */
  maxBodyBytes?: number
}

export type CsCartClient = {
  apiVersion(signal?: AbortSignal): Promise<string>
  listOrders(query: OrdersQuery, signal?: AbortSignal): Promise<OrdersPage>
  /** undefined where the shop says 404 in JSON. */
  order(id: number, signal?: AbortSignal): Promise<FetchedOrder | undefined>
  /** All pages, each shipment once. */
  shipmentsOf(orderId: number, signal?: AbortSignal): Promise<CsCartShipment[]>
  shipment(id: number, signal?: AbortSignal): Promise<CsCartShipment | undefined>
  /** Returns the new shipment's id. */
  createShipment(shipment: NewShipment, signal?: AbortSignal): Promise<number>
  /** @throws CsCartError('rejected') where the shop's version takes no change */
  updateShipment(id: number, change: ShipmentChange, signal?: AbortSignal): Promise<void>
  setOrderStatus(id: number, letter: string, o: { notifyCustomer: boolean }, signal?: AbortSignal): Promise<void>
  orderStatuses(signal?: AbortSignal): Promise<OrderStatusName[]>
  /** The same client; pushes one masked exchange for each HTTP request. */
  recorded(sink: Exchange[]): CsCartClient
  /** The shop's clock minus ours, from the last answer's Date header. */
  shopClock(): { offsetMs: number } | undefined
  close(): Promise<void>
}

/** A client of one shop. */
export function csCartClient(connection: CsCartConnection, options: ClientOptions = {}): CsCartClient {
  throw new Error(`not written yet: ${connection.baseUrl} ${options.attempts}`)
}
