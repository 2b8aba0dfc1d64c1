import type { CsCartClient } from '../cscart/client.ts'
import { CsCartError } from '../errors.ts'
import type { OrderRepository } from '../orders/repository.ts'
import { detailOf } from '../runs/run.ts'
import type { Shop } from '../shops/shop.ts'
import { periodOf } from './job.ts'
import type { ImportRepository } from './repository.ts'
import { type OutsideReason, whyOutside } from './scope.ts'

/** Why an order is not in the list, as 「この注文が来ない」 answers. */
export type Explanation =
  | { kind: 'here'; orderId: number; gone: boolean }
  | { kind: 'not_in_shop' }
  | { kind: 'parent' }
  | { kind: 'outside'; reasons: OutsideReason[]; status: string; orderedAt: number }
  /** It was there, waiting, before this shop's first import, and has not moved since. */
  | { kind: 'baseline'; status: string; orderedAt: number }
  | { kind: 'next_run'; status: string; orderedAt: number; failedBefore: string | undefined }
  /** The shop answers, but this order cannot be read. */
  | { kind: 'unreadable'; error: CsCartError; detail: string | undefined }
  /** The shop does not answer as it should: `forbidden` is a key that may not see it. */
  | { kind: 'shop_failed'; error: CsCartError }

/** Where importing it all the same makes sense. */
export const canImportAnyway = ({ kind }: Explanation): boolean =>
  kind === 'outside' || kind === 'baseline' || kind === 'next_run' || kind === 'unreadable'

export type ExplainFacts = {
  order: { status: string; orderedAt: number; updatedAt: number | undefined; isParent: boolean }
  shop: Pick<Shop, 'fetchStatuses' | 'fetchDays' | 'fenceAt'>
  now: Date
  /** Everything updated before it has been seen, ms; null before the first import. */
  updatedWatermark: number | null
  /** The status under which the first import left it out; undefined when it did not. */
  baselineStatus: string | undefined
  failedBefore: string | undefined
}

/** Why an order that the shop has, and that is not here, has not come. */
export function explainMissing(facts: ExplainFacts): Explanation {
  const { order, shop, baselineStatus } = facts
  const { status, orderedAt } = order
  if (order.isParent) return { kind: 'parent' }
  const scope = {
    statuses: new Set(shop.fetchStatuses),
    fenceAt: shop.fenceAt,
    period: periodOf({ mode: 'days' }, shop, facts.now),
  }
  const reasons: OutsideReason[] = []
  if (!scope.statuses.has(status)) reasons.push('status')
  const outside = whyOutside({ status, orderedAt }, { ...scope, statuses: new Set([status]) })
  if (outside === 'fence') reasons.push('fence')
  const isLate =
    facts.updatedWatermark !== null && order.updatedAt !== undefined && order.updatedAt >= facts.updatedWatermark
  if (outside === 'period' && !isLate) {
    if (reasons.length === 0 && baselineStatus === status) return { kind: 'baseline', status, orderedAt }
    reasons.push('period')
  }
  if (reasons.length > 0) return { kind: 'outside', reasons, status, orderedAt }
  return { kind: 'next_run', status, orderedAt, failedBefore: facts.failedBefore }
}

/** Looks one order up, here and in the shop. Never throws for what the shop does. */
export async function findMissing(
  deps: {
    orders: Pick<OrderRepository, 'known'>
    imports: ImportRepository
    clientFor: (shop: Shop) => CsCartClient
    now: () => Date
  },
  shop: Shop,
  csCartOrderId: number,
  signal?: AbortSignal,
): Promise<Explanation> {
  const stored = deps.orders.known(shop.id, [csCartOrderId]).get(csCartOrderId)
  if (stored) return { kind: 'here', orderId: stored.orderId, gone: stored.cancelledInCsCartAt !== null }
  try {
    const found = await deps.clientFor(shop).order(csCartOrderId, signal)
    if (!found) return { kind: 'not_in_shop' }
    return explainMissing({
      order: found.order,
      shop,
      now: deps.now(),
      updatedWatermark: deps.imports.state(shop.id).updatedWatermark,
      baselineStatus: deps.imports.baseline(shop.id).get(csCartOrderId),
      failedBefore: deps.imports.failures(shop.id).find((one) => one.csCartOrderId === csCartOrderId)?.reason,
    })
  } catch (error) {
    if (!(error instanceof CsCartError)) throw error
    if (error.stopsRun) return { kind: 'shop_failed', error }
    return { kind: 'unreadable', error, detail: detailOf(error) }
  }
}
