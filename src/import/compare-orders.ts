import type { CsCartClient, OrderRow } from '../cscart/client.ts'
import { isCancelled } from '../cscart/statuses.ts'
import type { Period } from '../period.ts'
import type { Shop } from '../shops/shop.ts'
import type { ImportRepository, PlacedOrder } from './repository.ts'
import { isBehindFence, toSecond } from './scope.ts'
import { walkOrders } from './walk-orders.ts'

/** So many orders of a shop are compared at once: some fifteen requests to a slow shop. */
export const MOST_COMPARED = 3_000

/** 「突き合わせ」: what the shop has against what is here. */
export type Comparison = {
  shopCount: number
  ourCount: number
  /** In the fetch statuses there, and not here. */
  missing: OrderRow[]
  /** Here, and not in the shop. */
  extra: PlacedOrder[]
  /** In both, with another status or amount. */
  different: { row: OrderRow; ours: PlacedOrder }[]
  /** Not here because their status is not fetched. */
  notFetched: number
  behindFence: number
  /** Rows that could not be read. */
  unreadable: number
  /** true: the shop has more orders than are compared at once; what is said holds up to the last one that was. */
  isCut: boolean
}

/**
 * Compares the orders placed in a period (ms UTC, both ends included).
 * @throws CsCartError
 */
export async function compareOrders(
  deps: { imports: ImportRepository; clientFor: (shop: Shop) => CsCartClient },
  shop: Shop,
  period: Period,
  signal?: AbortSignal,
): Promise<Comparison> {
  const client = deps.clientFor(shop)
  const rows: OrderRow[] = []
  let unreadable = 0
  let isCut = false
  const walk = { period, includeIncomplete: true }
  for await (const page of walkOrders((query, given) => client.listOrders(query, given), walk, signal)) {
    rows.push(...page.rows)
    unreadable += page.faults.length
    if (rows.length >= MOST_COMPARED) {
      isCut = true
      break
    }
  }
  const to = isCut ? (rows.at(-1)?.orderedAt ?? period.to) : period.to
  // Of a cut list, the last second may be incomplete.
  const whole = isCut ? rows.filter((row) => row.orderedAt < to) : rows
  const ours = deps.imports.placedIn(shop.id, { from: toSecond(period.from), to: isCut ? to - 1 : to })
  return { ...differences(whole, ours, shop), unreadable, isCut }
}

/** The differences between the shop's rows and our orders of the same period. */
export function differences(
  rows: OrderRow[],
  ours: PlacedOrder[],
  shop: Pick<Shop, 'fetchStatuses' | 'fenceAt'>,
): Omit<Comparison, 'unreadable' | 'isCut'> {
  const left = new Map(ours.map((order) => [order.csCartOrderId, order]))
  const missing: OrderRow[] = []
  const different: Comparison['different'] = []
  let notFetched = 0
  let behindFence = 0
  for (const row of rows) {
    const stored = left.get(row.orderId)
    left.delete(row.orderId)
    if (stored) {
      if (isDifferent(row, stored)) different.push({ row, ours: stored })
    } else if (!shop.fetchStatuses.includes(row.status)) notFetched += 1
    else if (isBehindFence(row.orderedAt, shop.fenceAt)) behindFence += 1
    else missing.push(row)
  }
  return {
    shopCount: rows.length,
    ourCount: ours.length,
    missing,
    extra: [...left.values()],
    different,
    notFetched,
    behindFence,
  }
}

const isDifferent = (row: OrderRow, ours: PlacedOrder): boolean =>
  row.status !== ours.csCartStatus ||
  row.totalCents !== ours.totalCents ||
  (ours.cancelledInCsCartAt !== null) !== isCancelled(row.status)
