import { AppError } from '../errors.ts'
import type { RunRepository } from '../runs/repository.ts'
import { isStoppedForGood, type Run, type RunTrigger } from '../runs/run.ts'
import { type RunDeps, type StartedRun, startRun } from '../runs/start-run.ts'
import type { Shop } from '../shops/shop.ts'
import type { ExportDeps } from './deps.ts'
import { type ExportTrigger, executePlan, exportDue, exportNow, goThrough } from './execute-plan.ts'
import type { ExportPlan } from './repository.ts'

export type StartDeps = { exports: ExportDeps; runs: RunDeps & { runs: RunRepository } }

/**
 * Starts a shop's export of all that is due, as a run of its own: card, clock and command line alike.
 * @param trigger `schedule` leaves out what needs a person and counts attempts
 * @param continued the run that was cut off before it had a plan, for `recovery`
 */
export function startExport(
  deps: StartDeps,
  shop: Shop,
  trigger: RunTrigger,
  accountId: number | null = null,
  continued?: Run,
): StartedRun {
  const days = shop.exportDays
  const by: ExportTrigger = trigger === 'schedule' || (continued && isAutomatic(continued)) ? 'clock' : 'person'
  const start = {
    shopId: shop.id,
    kind: 'export' as const,
    trigger,
    accountId,
    dryRun: shop.dryRun,
    continuesRunId: continued?.id ?? null,
    // Which settings it ran with: the clock rests after a failure that waiting cannot mend until they are saved again.
    request: { days, by, settingsSavedAt: shop.settingsSavedAt },
  }
  return startRun(deps.runs, start, (run) =>
    by === 'clock'
      ? exportDue(deps.exports, run, shop)
      : exportNow(deps.exports, run, { shop, days, accountId, trigger: 'person' }),
  )
}

/**
 * Executes a plan as it was shown.
 * @param orderIds the orders that the person left in
 * @throws AppError('not_found') no such plan; ('conflict') it is not ready, or was executed before
 */
export function startPlanned(
  deps: StartDeps,
  planId: number,
  orderIds: ReadonlySet<number>,
  accountId: number | null,
): StartedRun {
  const { plans, shops } = deps.exports
  const plan = plans.find(planId)
  const shop = plan && shops.find(plan.shopId)
  if (!plan || !shop)
    throw new AppError('not_found', 'その更新対象はありません。もう一度「更新対象の確認」を開いてください。')
  if (plan.runId !== null) throw executedBefore()
  if (plan.state !== 'ready') {
    throw new AppError('conflict', '更新対象の確認がまだ終わっていません。確認が終わってから実行してください。')
  }
  const start = {
    shopId: shop.id,
    kind: 'export' as const,
    trigger: 'manual' as const,
    accountId,
    dryRun: shop.dryRun,
    request: { planId },
  }
  // Before the run: what was left out must be known to whoever goes on with it after a crash.
  plans.include(planId, orderIds)
  return startRun(deps.runs, start, async (run) => {
    if (!plans.take(planId, run.id)) throw executedBefore()
    run.found(plans.tally(planId).included)
    await executePlan(deps.exports, run, { shop, planId, trigger: 'person' })
  })
}

const executedBefore = () =>
  new AppError(
    'conflict',
    'この内容はすでに実行されています。続けるときは、もう一度「更新対象の確認」を開いてください。',
  )

/**
 * 「失敗分を再実行」: looks at the shop anew for exactly the orders that failed in a run, and writes them. What it did
 * not come to is due as before, and is shown before it is written.
 * @param cutOff the retry that a crash or a stop cut off before it had its plan, where it is begun again by itself
 * @throws AppError('conflict') when there is none
 */
export function retryExport(deps: StartDeps, run: Run, accountId: number | null, cutOff?: Run): StartedRun {
  const shop = shopOf(deps, run)
  if (run.dryRun && !shop.dryRun) {
    throw new AppError(
      'conflict',
      'これは試運転の実行です。いまは「試運転」が外れているため、再実行しませんでした。書き込むときは「データ書出」から行ってください。',
    )
  }
  const failed = deps.runs.runs.failedItems(run.id).flatMap((item) => (item.orderId === null ? [] : [item.orderId]))
  const orderIds = new Set(failed)
  if (orderIds.size === 0) throw new AppError('conflict', 'この実行には、やり直す受注がありません。')
  const start = {
    shopId: shop.id,
    kind: 'export' as const,
    trigger: cutOff ? ('recovery' as const) : ('manual' as const),
    accountId,
    dryRun: shop.dryRun,
    continuesRunId: cutOff?.id ?? run.id,
    request: { days: shop.exportDays, retryOf: run.id },
  }
  return startRun(deps.runs, start, (next) =>
    exportNow(deps.exports, next, { shop, days: shop.exportDays, accountId, trigger: 'person', orderIds }),
  )
}

/**
 * Goes on with an export that a crash or a stop cut off: the same plan, its unfinished orders, the parcels that were begun first
 * looked for in the shop. A run that was cut off before it had its plan begins anew. For start-up.
 * @returns undefined when the run left nothing to do
 */
export function recoverExport(deps: StartDeps, run: Run): StartedRun | undefined {
  const { plans } = deps.exports
  const shop = shopOf(deps, run)
  // Nobody asked for more than a trial, nor for going on with what was told to stop.
  if ((run.dryRun && !shop.dryRun) || isStoppedForGood(run)) return undefined
  const { planId, retryOf } = run.request
  const plan = plans.ofRun(run.id) ?? (typeof planId === 'number' ? leftBehind(plans.find(planId), run) : undefined)
  if (!plan) {
    const original = typeof retryOf === 'number' ? deps.runs.runs.find(retryOf) : undefined
    if (original) return retryExport(deps, original, run.accountId, run)
    return typeof planId === 'number' ? undefined : startExport(deps, shop, 'recovery', run.accountId, run)
  }
  if (!plans.items(plan.id).some((item) => !item.finished && (item.included || item.reason !== null))) return undefined
  const start = {
    shopId: shop.id,
    kind: 'export' as const,
    trigger: 'recovery' as const,
    accountId: run.accountId,
    dryRun: shop.dryRun,
    continuesRunId: run.id,
    request: run.request,
  }
  return startRun(deps.runs, start, async (next) => {
    plans.handOver(plan.id, plan.runId, next.id)
    await goThrough(deps.exports, next, { shop, planId: plan.id, trigger: startedBy(run) })
  })
}

/** A plan that its run was cut off before taking: still nobody's, or still that of the run before it. */
const leftBehind = (plan: ExportPlan | undefined, run: Run) =>
  plan && (plan.runId === null || plan.runId === run.continuesRunId) ? plan : undefined

/** A recovery goes on with what a person or the clock began. */
const startedBy = (run: Run): ExportTrigger => (isAutomatic(run) ? 'clock' : 'person')

/** true for 自動書き出し and for what goes on with it after a crash: it needs the APIオプション. */
export const isAutomatic = (run: Run): boolean => run.kind === 'export' && run.request.by === 'clock'

function shopOf(deps: StartDeps, run: Run): Shop {
  const shop = deps.exports.shops.find(run.shopId)
  if (!shop) throw new AppError('not_found', 'その店舗はありません。')
  return shop
}
