import { mayBeOneOrder, type OrderOrShop, orderOrShop } from '../cscart/order-or-shop.ts'
import { CsCartError } from '../errors.ts'
import type { FailureReason } from '../failures.ts'
import { exportWindow, type NotDueReason, type Order, whyNotDue } from '../orders/order.ts'
import { dayOf } from '../period.ts'
import { detailOf } from '../runs/run.ts'
import type { Shop } from '../shops/shop.ts'
import type { ExportDeps } from './deps.ts'
import { inParallel } from './in-parallel.ts'
import { lookAt } from './look.ts'
import { ourSideOf, type PlannedOrder, waiting } from './plan.ts'
import type { ExportPlan, PlanItem } from './repository.ts'
import { planOrder, rulesOf } from './to-cscart.ts'

export type PlanRequest = {
  shop: Shop
  /** 作成期間: from today − days to today, by ship date. */
  days: number
  accountId: number | null
  /** Just these orders; all that are due by default. */
  among?: readonly Order[] | undefined
  /** The run that executes the plan as soon as it is made. */
  runId?: number | undefined
  /** Leaves single orders out, such as those that the clock does not try again. */
  leaveOut?: ((order: Order) => boolean) | undefined
}

type OnStopped = (item: PlanItem, error: CsCartError) => void

const PAGE = 500

/**
 * The orders that are due just now, by the one rule of orders/order.ts.
 * @param days 作成期間
 */
export function dueOrders(deps: DueDeps, shop: Shop, days: number): Order[] {
  return dueIn(deps, shop, exportWindow(days, dayOf(deps.now().getTime(), deps.timeZone)))
}

/**
 * Orders that a person names: those that are due however long ago they were shipped, and why each of the others is not.
 * An order that is gone is in neither.
 */
export function dueAmong(
  deps: DueDeps,
  shop: Shop,
  orderIds: ReadonlySet<number>,
): { due: Order[]; notDue: { order: Order; reason: NotDueReason }[] } {
  const window = { fromDay: '0000-01-01', toDay: dayOf(deps.now().getTime(), deps.timeZone) }
  const due = dueIn(deps, shop, window).filter(({ id }) => orderIds.has(id))
  const isDue = new Set(due.map(({ id }) => id))
  const others = [...orderIds].filter((id) => !isDue.has(id)).flatMap((id) => deps.orders.find(id) ?? [])
  const rule = { scope: shop.exportScope, ...window, statusRole: 'processed' as const }
  return {
    due,
    // Where nothing else speaks against it, it is the status, which was asked first.
    notDue: others.map((order) => ({ order, reason: whyNotDue(order, rule) ?? 'status_out_of_scope' })),
  }
}

type DueDeps = Pick<ExportDeps, 'orders' | 'now' | 'timeZone'>

function dueIn(deps: DueDeps, shop: Shop, { fromDay, toDay }: { fromDay: string; toDay: string }): Order[] {
  const due: Order[] = []
  for (let afterId = 0; ; ) {
    const page = deps.orders.dueFor(shop.id, shop.exportScope, fromDay, toDay, afterId, PAGE)
    // The search is inside the scope already; the rest of the rule is asked here.
    const rule = { scope: shop.exportScope, fromDay, toDay, statusRole: 'processed' as const }
    due.push(...page.filter((order) => whyNotDue(order, rule) === undefined))
    const last = page.at(-1)
    if (!last || page.length < PAGE) return due
    afterId = last.id
  }
}

/** Stores a plan with every due order, none of them looked at yet. Needs no network and is quick. */
export function beginPlan(deps: ExportDeps, request: PlanRequest): ExportPlan {
  const { shop, days, accountId, among, leaveOut, runId } = request
  const due = (among ?? dueOrders(deps, shop, days)).filter((order) => !(leaveOut?.(order) ?? false))
  return deps.plans.create({
    shopId: shop.id,
    at: deps.now().getTime(),
    accountId,
    days: among ? null : days,
    runId: runId ?? null,
    orders: due.map((order) => ({ orderId: order.id, planned: waiting(ourSideOf(order, shop.carrierCodes)) })),
  })
}

/**
 * Reads the shop for every order of a plan and stores what will be written, or why it cannot be.
 * One order that cannot be read is one order with a reason; a shop that fails as a whole ends the plan with that reason.
 * @param onStopped called with the order on which the shop failed, where one can be named
 * @param save does a write; a run's own refuses where the run has lost its lease
 * @throws CsCartError whose stopsRun is true; the signal's reason when aborted (the plan stays `preparing` then)
 */
export async function lookThrough(
  deps: ExportDeps,
  shop: Shop,
  planId: number,
  signal: AbortSignal,
  {
    onStopped = () => {},
    save = (write) => write(),
    runId = null,
  }: { onStopped?: OnStopped; save?: (write: () => void) => void; runId?: number | null } = {},
): Promise<void> {
  const items = deps.plans.items(planId).filter((item) => !item.looked)
  const judge = orderOrShop(deps.clientFor(shop))
  try {
    await inParallel(items, shop.requestsAtOnce, signal, async (item) => {
      const { planned, reason } = await lookAtItem(deps, { shop, item, judge, onStopped }, signal)
      save(() => {
        deps.plans.looked(planId, item.orderId, planned, reason)
        if (reason !== 'cancelled_in_cs_cart' || !planned.sight) return
        deps.orders.markCancelled(item.orderId, planned.sight.status, { runId, at: deps.now().getTime() })
      })
    })
  } catch (error) {
    if (error instanceof CsCartError) save(() => deps.plans.prepared(planId, error.reason))
    throw error
  }
  save(() => deps.plans.prepared(planId, null))
}

async function lookAtItem(
  deps: ExportDeps,
  { shop, item, judge, onStopped }: { shop: Shop; item: PlanItem; judge: OrderOrShop; onStopped: OnStopped },
  signal: AbortSignal,
): Promise<{ planned: PlannedOrder; reason: FailureReason | null }> {
  const { ours } = item.planned
  try {
    const live = await lookAt(deps.clientFor(shop), item.csCartOrderId, signal)
    judge.orderAnswered()
    const rules = rulesOf(deps.shops.find(shop.id) ?? shop)
    const planning = planOrder(ours, live, deps.parcels.ofOrder(item.orderId), rules)
    return { planned: planning.planned, reason: planning.ok ? null : planning.reason }
  } catch (error) {
    if (!(error instanceof CsCartError)) throw error
    if (await judge.endsRun(error, signal)) {
      if (mayBeOneOrder(error)) onStopped(item, error)
      throw error
    }
    const detail = detailOf(error)
    return { planned: { ...waiting(ours), ...(detail !== undefined && { detail }) }, reason: error.reason }
  }
}
