import { AppError, CsCartError } from '../errors.ts'
import type { Shop } from '../shops/shop.ts'
import { beginPlan, lookThrough } from './create-plan.ts'
import type { ExportDeps } from './deps.ts'
import type { ExportPlan } from './repository.ts'

type Log = { error(fields: object, message: string): void }

/**
 * 「更新対象の確認」 in the background: the plan with its orders is there at once, the shop is read for them meanwhile.
 * What a stop of the process cuts off stays `preparing` in the database and is taken up again by `resume`.
 */
export function planPreparation(deps: ExportDeps, log: Log) {
  const working = new Map<number, { controller: AbortController; done: Promise<void> }>()

  function work(shop: Shop, planId: number): Promise<void> {
    const known = working.get(planId)
    if (known) return known.done
    const controller = new AbortController()
    const done = lookThrough(deps, shop, planId, controller.signal)
      .catch((error: unknown) => {
        // A shop that failed stands in the plan with its reason already.
        if (error instanceof CsCartError || controller.signal.aborted) return
        log.error({ planId, shopId: shop.id, err: error }, 'a plan could not be prepared')
        giveUp(planId)
      })
      .finally(() => working.delete(planId))
    working.set(planId, { controller, done })
    return done
  }

  function giveUp(planId: number): void {
    try {
      deps.plans.prepared(planId, 'unexpected')
    } catch (error) {
      log.error({ planId, err: error }, 'the end of a preparation could not be saved')
    }
  }

  return {
    /**
     * Stores a plan of what is due now and begins to read the shop for it.
     * @returns the plan, and `done` for the end of the reading (never rejects)
     */
    start(shop: Shop, accountId: number | null): { plan: ExportPlan; done: Promise<void> } {
      const plan = beginPlan(deps, { shop, days: shop.exportDays, accountId })
      return { plan, done: work(shop, plan.id) }
    },

    /** Goes on with a plan whose reading was cut off or failed. */
    resume(planId: number): void {
      const plan = deps.plans.find(planId)
      const shop = plan && deps.shops.find(plan.shopId)
      if (!plan || !shop) throw new AppError('not_found', 'その更新対象はありません。')
      if (plan.state === 'ready' || plan.runId !== null) return
      deps.plans.unprepared(planId)
      void work(shop, planId)
    },

    /** true while the shop is being read for the plan by this process. */
    isWorking: (planId: number): boolean => working.has(planId),

    /** Ends all readings, for the stop of the process. */
    async stop(): Promise<void> {
      for (const { controller } of working.values()) controller.abort(new DOMException('stopping', 'AbortError'))
      await Promise.all([...working.values()].map(({ done }) => done))
    },
  }
}
export type PlanPreparation = ReturnType<typeof planPreparation>
