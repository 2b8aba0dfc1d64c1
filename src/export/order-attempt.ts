import type { Exchange } from '../db/schema.ts'
import { type FailureReason, failureOf } from '../failures.ts'
import { type Order, UNSURE } from '../orders/order.ts'
import type { Shop } from '../shops/shop.ts'
import type { ExportDeps, RunPart } from './deps.ts'
import { ourSideOf, oursChanged, type PlannedParcel } from './plan.ts'
import type { PlanItem } from './repository.ts'
import type { Refusal } from './write-parcel.ts'

const CHANGED_HERE: Refusal = {
  reason: 'changed_since_plan',
  detail: 'この注文の内容（伝票番号、配送業者、出荷日、受注ステータス）が変わりました。',
  since: true,
}

/** Whether the order itself is marked as failed. A cancellation has its own mark, which ends when the shop restores the order. */
export const standsAsError = (reason: FailureReason): boolean => reason !== 'cancelled_in_cs_cart'

/** A trial by the clock tells each order once, but for what fails of something that passes. */
export const isToldAgain = (shop: Shop, reason: FailureReason): boolean => shop.dryRun && failureOf(reason).waitingMends

export type OrderAttempt = ReturnType<typeof orderAttempt>

/**
 * One attempt to write one order of a plan: what of it is written down here. Each step is one transaction, and only while the run is
 * still ours; the attempt ends with exactly one of `close`, `refuse`, `fail` and `stopped`.
 * @param request `attempts`: how many attempts of this order count already
 */
export function orderAttempt(
  deps: ExportDeps,
  { run, shop, item, attempts }: { run: RunPart; shop: Shop; item: PlanItem; attempts: number },
) {
  const { orderId, csCartOrderId } = item
  /** What was said to the shop and what it answered, masked, for the run's page. */
  const exchanges: Exchange[] = []
  /** true from the first step on after which the shop is written to. */
  let begun = false
  let parcelsSent = 0
  /** What was in the shop, as far as we know, before the attempt. */
  let thereBefore: string | null = null
  /** What is in the shop all the same, where the order's first parcel was refused. */
  let stillThere: string | undefined
  const at = () => deps.now().getTime()

  /** The order where our side is as the plan has it, or what has come in the way since. */
  const asPlanned = (): { order: Order } | Refusal => {
    const order = deps.orders.find(orderId)
    if (!order || oursChanged(item.planned.ours, ourSideOf(order, shop.carrierCodes))) return CHANGED_HERE
    if (order.cancelledInCsCartAt !== null) return { reason: 'cancelled_in_cs_cart', since: true }
    if (!shop.dryRun && deps.shops.find(shop.id)?.dryRun) return { reason: 'dry_run_since', since: true }
    return { order }
  }

  /**
   * What must be written down right before the shop is written to: nothing is done where staff changed the order meanwhile. Reading
   * the shop takes seconds, and nobody must get a number or a mail that was taken back by then.
   */
  const commit = (write: (order: Order) => void): Refusal | undefined =>
    run.save(() => {
      const now = asPlanned()
      if ('reason' in now) return now
      write(now.order)
      begun = true
      return undefined
    })

  const noteCancelled = (letter: string | undefined): void => {
    if (letter !== undefined) deps.orders.markCancelled(orderId, letter, { runId: run.id, at: at() })
  }

  const fail = ({ reason, detail, cancelledAs }: Refusal): FailureReason => {
    run.save(() => {
      noteCancelled(cancelledAs)
      deps.parcels.failed(orderId, reason)
      if (!shop.dryRun && standsAsError(reason)) {
        const result = { state: 'error', reason, attempts: attempts + 1 } as const
        const left = stillThere === undefined ? result : { ...result, exportedAs: stillThere }
        deps.orders.setExport(orderId, left, { runId: run.id, at: at() })
      }
      run.record([{ outcome: 'failed', orderId, csCartOrderId, reason, detail, exchanges }])
      if (!isToldAgain(shop, reason)) deps.plans.finish(item.planId, orderId)
    })
    return reason
  }

  /** The order stays due as it is: the next look shows what is so then. No attempt is counted. */
  const leave = ({ reason, detail, cancelledAs }: Refusal): FailureReason => {
    run.save(() => {
      noteCancelled(cancelledAs)
      // What it failed of before is over, and must not keep the clock from it.
      if (!shop.dryRun && standsAsError(reason) && deps.orders.find(orderId)?.exportState === 'error') {
        deps.orders.setExport(orderId, { state: 'error', reason }, { runId: run.id, at: at() })
      }
      run.record([{ outcome: 'skipped', orderId, csCartOrderId, reason, detail, exchanges }])
      deps.plans.finish(item.planId, orderId)
    })
    return reason
  }

  return {
    exchanges,
    asPlanned,
    commit,
    fail,

    /** Ends the attempt with what came in its way: skipped where something has changed since the plan and nothing was begun. */
    refuse: (refusal: Refusal): FailureReason => (refusal.since && !begun ? leave(refusal) : fail(refusal)),

    /**
     * The run was stopped, and the order will not wait for its end. What was begun is named; it stays in its plan, so that whoever goes
     * on with the run goes on with it.
     */
    stopped(): void {
      if (!begun) return
      run.save(() => run.record([{ outcome: 'failed', orderId, csCartOrderId, reason: 'left_half_done', exchanges }]))
    },

    close(outcome: 'done' | 'skipped', detail: string, write = () => {}): void {
      run.save(() => {
        write()
        run.record([{ outcome, orderId, csCartOrderId, detail, exchanges }])
        deps.plans.finish(item.planId, orderId)
      })
    },

    /** A parcel is about to be sent, by `commit`. */
    intend: (parcel: PlannedParcel): Refusal | undefined =>
      commit(({ exportedAs }) => {
        deps.parcels.begin(orderId, parcel, 'intent', run.id, at())
        if (parcelsSent === 0) thereBefore = exportedAs
        parcelsSent += 1
        const result = { state: 'sent', reason: null, exportedAs: exportedAs === null ? null : UNSURE } as const
        deps.orders.setExport(orderId, result, { runId: run.id, at: at() })
      }),

    /** The shop surely did not take the parcel. */
    refused(groupKey: number, reason: FailureReason): void {
      run.save(() => deps.parcels.refused(orderId, groupKey, reason, at()))
      if (parcelsSent === 1 && thereBefore !== null) stillThere = thereBefore
    },
  }
}
