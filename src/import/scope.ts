import type { Period } from '../period.ts'

/** What an import of a shop may take in. Times are ms UTC. */
export type Scope = {
  /** CS-CART取得ステータス, by letter. */
  statuses: ReadonlySet<string>
  /** 「この日時より後の注文だけ」, for good. */
  fenceAt: number | null
  /** The days or 取得日 of this import, both ends included. */
  period: Period
}

/** Why an order that is not here yet stays out: what the import asks, and what 「この注文が来ない」 says. */
export type OutsideReason = 'status' | 'fence' | 'period'

/**
 * The first reason for which an order is not imported, or undefined when it comes in.
 * The period is asked last: an order outside it may still come in as a late one.
 */
export function whyOutside(
  order: { status: string; orderedAt: number },
  { statuses, fenceAt, period }: Scope,
): OutsideReason | undefined {
  if (!statuses.has(order.status)) return 'status'
  if (isBehindFence(order.orderedAt, fenceAt)) return 'fence'
  return order.orderedAt < toSecond(period.from) || order.orderedAt > period.to ? 'period' : undefined
}

/** CS-Cart counts in whole seconds: a bound in the middle of one includes it. */
export const toSecond = (at: number): number => Math.floor(at / 1000) * 1000

export const isBehindFence = (orderedAt: number, fenceAt: number | null): boolean =>
  fenceAt !== null && orderedAt < toSecond(fenceAt)

/** Statuses in which an order waits to be shipped: completed ones are not scanned without a period, they are too many. */
export const openStatuses = (letters: readonly string[]): string[] => letters.filter((letter) => letter !== 'C')
