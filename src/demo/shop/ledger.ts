import type { FaultKind } from './faults.ts'
import type { RouteName } from './types.ts'

/** One request that reached the shop. */
export type RequestRecord = {
  /** 1, 2, 3 … in order of arrival. */
  number: number
  at: Date
  method: string
  /** Path without the query, as it was sent. */
  path: string
  query: Record<string, unknown>
  body: string
  headers: Record<string, string | string[] | undefined>
  route: RouteName
  /** What was answered; 0 while it is under way and where the connection was broken. */
  status: number
  fault: FaultKind | null
}

/** One write that came through the API and was applied. */
export type WriteRecord = {
  at: Date
  /** The request that did it. */
  request: number
  orderId: number
} & (
  | { kind: 'order-status'; from: string; to: string }
  | { kind: 'order-recalculated'; why: string }
  | { kind: 'shipment-created' | 'shipment-updated' | 'shipment-deleted'; shipmentId: number }
)

/** One mail to a customer. */
export type MailRecord = {
  at: Date
  request: number | null
  orderId: number
  kind: 'order-status' | 'shipment'
  /** The order status or the shipment id that it tells of. */
  about: string
}

/** One step of an order's status; `null` is the order's birth. */
export type StatusStep = { at: Date; from: string | null; to: string; by: 'api' | 'staff' }

/** What the ledger holds about one order. */
export type OrderLedger = {
  orderId: number
  /** The letter now; null where the order is gone or never was. */
  status: string | null
  shipments: { id: number; number: string; carrier: string; status: string; products: Record<string, number> }[]
  mails: MailRecord[]
  history: StatusStep[]
  /** Why the shop recalculated and rewrote it, once for each time. Must stay empty under a sync app. */
  recalculated: string[]
}

/** The whole ledger as plain data: the same in the process and over HTTP. */
export type LedgerSnapshot = {
  requests: number
  peakConcurrency: number
  writes: WriteRecord[]
  mails: MailRecord[]
  orders: Record<string, OrderLedger>
}

/** What the ledger looks up in the shop's memory. */
export type LedgerSource = {
  orderIds(): Iterable<number>
  statusOf(orderId: number): string | null
  shipmentsOf(orderId: number): OrderLedger['shipments']
}

type Distribute<T> = T extends unknown ? Omit<T, 'at'> : never

/** The shop's own record of what happened to it. Tests compare with this, never with the app's database. */
export function shopLedger(now: () => Date, source: LedgerSource) {
  let number = 0
  let underWay = 0
  let peak = 0
  const requests: RequestRecord[] = []
  const writes: WriteRecord[] = []
  const mails: MailRecord[] = []
  const histories = new Map<number, StatusStep[]>()
  const recalculations = new Map<number, string[]>()
  const touched = new Set<number>()

  const order = (orderId: number): OrderLedger => ({
    orderId,
    status: source.statusOf(orderId),
    shipments: source.shipmentsOf(orderId),
    mails: mails.filter((mail) => mail.orderId === orderId),
    history: [...(histories.get(orderId) ?? [])],
    recalculated: [...(recalculations.get(orderId) ?? [])],
  })

  return {
    /** Every request, oldest first. */
    requests: requests as readonly RequestRecord[],
    /** Every write that the API applied, oldest first. */
    writes: writes as readonly WriteRecord[],
    /** Every mail to a customer, oldest first. */
    mails: mails as readonly MailRecord[],
    /** All that happened to one order. */
    order,
    /** Orders that were recalculated: a sync app must leave this empty. */
    recalculated: (): number[] => [...recalculations.keys()],
    /** The requests of one route, oldest first. */
    of: (route: RouteName): RequestRecord[] => requests.filter((request) => request.route === route),
    /** The most requests that were under way at once. */
    peakConcurrency: (): number => peak,

    /**
     * The whole ledger, or that of some orders. Without ids it names the orders that still exist and those that the API wrote to.
     */
    snapshot(orderIds?: readonly number[]): LedgerSnapshot {
      const mailsOf = Map.groupBy(mails, (mail) => mail.orderId)
      const ids = orderIds ?? new Set([...source.orderIds(), ...touched])
      const orders: Record<string, OrderLedger> = {}
      for (const orderId of ids) {
        orders[orderId] = {
          orderId,
          status: source.statusOf(orderId),
          shipments: source.shipmentsOf(orderId),
          mails: mailsOf.get(orderId) ?? [],
          history: [...(histories.get(orderId) ?? [])],
          recalculated: [...(recalculations.get(orderId) ?? [])],
        }
      }
      return { requests: number, peakConcurrency: peak, writes: [...writes], mails: [...mails], orders }
    },

    /** Forgets requests, writes and mails; histories and recalculations stay. */
    clear(): void {
      requests.length = 0
      writes.length = 0
      mails.length = 0
      peak = underWay
    },

    /** The shop's own hand: everything below is written by the shop only. */
    write: {
      arrived(request: Omit<RequestRecord, 'number' | 'at' | 'status' | 'fault' | 'body'>): RequestRecord {
        number += 1
        underWay += 1
        peak = Math.max(peak, underWay)
        const record = { ...request, number, at: now(), body: '', status: 0, fault: null }
        requests.push(record)
        return record
      },
      left(): void {
        underWay -= 1
      },
      applied(record: Distribute<WriteRecord>): void {
        touched.add(record.orderId)
        writes.push({ ...record, at: now() })
        if (record.kind !== 'order-recalculated') return
        recalculations.set(record.orderId, [...(recalculations.get(record.orderId) ?? []), record.why])
      },
      mailed(mail: Omit<MailRecord, 'at'>): void {
        mails.push({ ...mail, at: now() })
      },
      stepped(orderId: number, from: string | null, to: string, by: StatusStep['by']): void {
        const steps = histories.get(orderId)
        const step = { at: now(), from, to, by }
        if (steps) steps.push(step)
        else histories.set(orderId, [step])
      },
    },
  }
}
export type Ledger = ReturnType<typeof shopLedger>
