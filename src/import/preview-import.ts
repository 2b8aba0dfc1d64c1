import type { CsCartClient } from '../cscart/client.ts'
import { type Day, dayOf } from '../period.ts'
import type { Shop } from '../shops/shop.ts'
import { periodOf } from './job.ts'
import { isBehindFence } from './scope.ts'
import { walkOrders } from './walk-orders.ts'

const MOST_COUNTED = 10_000

/** What a shop's first import would bring, counted from the lists alone. */
export type ImportPreview = {
  total: number
  /** By status letter, the most frequent first. */
  byStatus: { letter: string; count: number }[]
  /** By day in the app's time zone, the newest first, with the count of each letter of `byStatus`. */
  byDay: { day: Day; counts: number[]; total: number }[]
  behindFence: number
  /** true: there are more, and these are the oldest. */
  isCut: boolean
}

/**
 * Counts what the banner button would import now.
 * @throws CsCartError
 */
export async function previewImport(
  deps: { clientFor: (shop: Shop) => CsCartClient; now: () => Date; timeZone: string },
  shop: Shop,
  signal?: AbortSignal,
): Promise<ImportPreview> {
  const client = deps.clientFor(shop)
  const walk = { statuses: shop.fetchStatuses, period: periodOf({ mode: 'days' }, shop, deps.now()) }
  const letters = new Map<string, number>()
  const days = new Map<Day, Map<string, number>>()
  let total = 0
  let behindFence = 0
  let isCut = false
  for await (const { rows } of walkOrders((query, given) => client.listOrders(query, given), walk, signal)) {
    for (const { status, orderedAt } of rows) {
      if (isBehindFence(orderedAt, shop.fenceAt)) {
        behindFence += 1
        continue
      }
      total += 1
      letters.set(status, (letters.get(status) ?? 0) + 1)
      const day = dayOf(orderedAt, deps.timeZone)
      const counts = days.get(day) ?? new Map<string, number>()
      counts.set(status, (counts.get(status) ?? 0) + 1)
      days.set(day, counts)
    }
    if (total >= MOST_COUNTED) {
      isCut = true
      break
    }
  }
  const byStatus = [...letters].map(([letter, count]) => ({ letter, count })).sort((a, b) => b.count - a.count)
  const byDay = [...days]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([day, counts]) => ({
      day,
      counts: byStatus.map(({ letter }) => counts.get(letter) ?? 0),
      total: [...counts.values()].reduce((sum, count) => sum + count, 0),
    }))
  return { total, byStatus, byDay, behindFence, isCut }
}
