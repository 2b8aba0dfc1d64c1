import { orderOrShop } from '../cscart/order-or-shop.ts'
import { AppError, CsCartError } from '../errors.ts'
import { failureOf, reasonOf } from '../failures.ts'
import { MOST_EXPORT_ATTEMPTS, NOT_DUE_LABELS, type Order } from '../orders/order.ts'
import { detailOf } from '../runs/run.ts'
import type { Shop } from '../shops/shop.ts'
import { beginPlan, dueAmong, lookThrough } from './create-plan.ts'
import type { ExportDeps, RunPart } from './deps.ts'
import { inParallel } from './in-parallel.ts'
import { isToldAgain, standsAsError } from './order-attempt.ts'
import type { PlanItem } from './repository.ts'
import { writeOrder } from './write-order.ts'

/** Who started: a person's start begins the count of an order's attempts anew, the clock's adds to it. */
export type ExportTrigger = 'person' | 'clock'

/**
 * Writes exactly the included orders of a plan that were not finished yet, several orders at once, each step by step.
 * One order's failure is one item; a shop that fails as a whole ends the run.
 * @throws CsCartError with stopsRun, AppError('not_contracted') for the clock, LeaseLost, or the signal's reason when stopped
 */
export async function executePlan(
  deps: ExportDeps,
  run: RunPart,
  plan: { shop: Shop; planId: number; trigger: ExportTrigger },
): Promise<void> {
  const items = deps.plans.items(plan.planId).filter((item) => item.included && item.reason === null && !item.finished)
  const judge = orderOrShop(deps.clientFor(plan.shop))
  const statusWrites = { changed: 0, unchanged: 0 }
  const writeOne = async (item: PlanItem): Promise<void> => {
    if (plan.trigger === 'clock' && !deps.apiOptionInForce()) {
      throw new AppError('not_contracted', failureOf('not_contracted').sentence)
    }
    const attempts = plan.trigger === 'person' ? 0 : attemptsSoFar(deps, plan.shop, item.orderId)
    const { failed, statusWritten } = await writeOrder(deps, { run, shop: plan.shop, item, attempts, judge })
    if (failed === undefined) judge.orderAnswered()
    if (statusWritten) statusWrites.changed += 1
    if (failed === 'status_unchanged') statusWrites.unchanged += 1
    // Without the right to change statuses CS-Cart says 200 and recalculates the whole order instead (cs-cart-api.md 9):
    // that must not go on through a long list.
    if (statusWrites.unchanged >= 2 && statusWrites.changed === 0) {
      throw new CsCartError('forbidden', { said: '受注ステータスを続けて変更できませんでした' })
    }
  }
  // One after the other until the first has its status: several at once would all be recalculated.
  const writesStatus = ({ planned }: PlanItem) => planned.statusNow !== planned.statusWill
  const begun = new Set<PlanItem>()
  for (const item of items.filter(writesStatus)) {
    if (statusWrites.changed > 0 || plan.shop.dryRun) break
    run.signal.throwIfAborted()
    begun.add(item)
    await writeOne(item)
  }
  const rest = items.filter((item) => !begun.has(item))
  await inParallel(rest, plan.shop.requestsAtOnce, run.signal, writeOne)
}

/**
 * Makes a plan by a live read and executes it in one go; what cannot be written stands in the run with its reason.
 * The plan belongs to the run from the first moment, so that a crash at any point finds it again.
 */
export async function exportNow(
  deps: ExportDeps,
  run: RunPart,
  request: {
    shop: Shop
    days: number
    accountId: number | null
    trigger: ExportTrigger
    orderIds?: ReadonlySet<number> | undefined
  },
): Promise<void> {
  const { shop, trigger } = request
  const leaveOut = trigger === 'clock' ? (order: Order) => isHeldBack(deps, shop, order) : undefined
  const { plan, notDue } = run.save(() => {
    const asked = request.orderIds && dueAmong(deps, shop, request.orderIds)
    if (asked) recordNotDue(run, asked.notDue)
    const begun = beginPlan(deps, { ...request, among: asked?.due, leaveOut, runId: run.id })
    return { plan: begun, notDue: asked?.notDue.length ?? 0 }
  })
  await goThrough(deps, run, { shop, planId: plan.id, trigger }, notDue)
}

/** Orders that a person asked for again and that are not due any more: each is named with the reason. */
function recordNotDue(run: RunPart, notDue: ReturnType<typeof dueAmong>['notDue']): void {
  if (notDue.length === 0) return
  run.record(
    notDue.map(({ order, reason }) => ({
      outcome: 'skipped',
      orderId: order.id,
      csCartOrderId: order.csCartOrderId,
      detail: `書出の対象ではなくなりました（${NOT_DUE_LABELS[reason]}）`,
    })),
  )
}

/**
 * What is left of a plan that belongs to the run: the rest of its live read, its refusals, and its orders.
 * @param recorded how many other orders the run has items for already
 */
export async function goThrough(
  deps: ExportDeps,
  run: RunPart,
  plan: { shop: Shop; planId: number; trigger: ExportTrigger },
  recorded = 0,
): Promise<void> {
  const isLeft = ({ finished, included, reason }: PlanItem) => !finished && (included || reason !== null)
  run.found(recorded + deps.plans.items(plan.planId).filter(isLeft).length)
  const recordRefusals = () => {
    for (const item of deps.plans.items(plan.planId)) {
      if (item.reason !== null && !item.finished) recordRefusal(deps, run, plan.shop, item, plan.trigger)
    }
  }
  try {
    await lookThrough(deps, plan.shop, plan.planId, run.signal, {
      // No attempt is counted: the shop failed, and the clock must not give up an order for that.
      onStopped: ({ orderId, csCartOrderId }, error) =>
        run.save(() =>
          run.record([{ outcome: 'failed', orderId, csCartOrderId, reason: error.reason, detail: detailOf(error) }]),
        ),
      save: run.save,
      runId: run.id,
    })
  } catch (error) {
    // Those before it failed by themselves: counted now, or the next run would end at the same orders again.
    if (error instanceof CsCartError) recordRefusals()
    throw error
  }
  recordRefusals()
  await executePlan(deps, run, plan)
}

function recordRefusal(deps: ExportDeps, run: RunPart, shop: Shop, item: PlanItem, trigger: ExportTrigger): void {
  const { orderId, csCartOrderId, planned } = item
  const reason = reasonOf(item.reason)
  const at = deps.now().getTime()
  const attempts = (trigger === 'person' ? 0 : attemptsSoFar(deps, shop, orderId)) + 1
  run.save(() => {
    if (!shop.dryRun && standsAsError(reason)) {
      deps.orders.setExport(orderId, { state: 'error', reason, attempts }, { runId: run.id, at })
    }
    run.record([{ outcome: 'failed', orderId, csCartOrderId, reason, detail: planned.detail }])
    if (!isToldAgain(shop, reason)) deps.plans.finish(item.planId, orderId)
  })
}

/** 自動書き出し: what is due now by the same rule, without the orders that need a person. */
export async function exportDue(deps: ExportDeps, run: RunPart, shop: Shop): Promise<void> {
  await exportNow(deps, run, { shop, days: shop.exportDays, accountId: null, trigger: 'clock' })
}

/**
 * Whether the clock leaves an order alone: it was in a trial already, or its last attempt failed of something that waiting does not mend, or failed too often,
 * and neither the order nor the shop's settings have changed since.
 */
export function isHeldBack(deps: Pick<ExportDeps, 'plans'>, shop: Shop, order: Order): boolean {
  // A trial tells once what would be written.
  if (shop.dryRun) return !changedSinceTry(deps, shop, order)
  // 「接続テスト」 has forgotten what PUT did, or nobody knows it yet.
  if (order.exportReason === 'cannot_update_shipment' && shop.capabilities.putShipment === undefined) return false
  if (order.exportState !== 'error' || order.exportReason === null || changedSinceTry(deps, shop, order)) return false
  // Another look makes another plan; and what is due again is not cancelled any more (older versions left that as a failure).
  if (order.exportReason === 'changed_since_plan' || order.exportReason === 'cancelled_in_cs_cart')
    return order.exportAttempts >= MOST_EXPORT_ATTEMPTS
  return !failureOf(order.exportReason).waitingMends || order.exportAttempts >= MOST_EXPORT_ATTEMPTS
}

function changedSinceTry(deps: Pick<ExportDeps, 'plans'>, shop: Shop, order: Order): boolean {
  const last = deps.plans.lastTry(order.id)
  if (!last) return true
  const { ours } = last.planned
  return (
    ours.version !== order.version || ours.contentHash !== order.contentHash || shop.settingsSavedAt > last.createdAt
  )
}

function attemptsSoFar(deps: ExportDeps, shop: Shop, orderId: number): number {
  const order = deps.orders.find(orderId)
  return order && !changedSinceTry(deps, shop, order) ? order.exportAttempts : 0
}
