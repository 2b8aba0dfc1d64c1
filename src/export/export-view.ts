/** What the pages of データ書出 show. */
import { failureOf } from '../failures.ts'
import { NOT_DUE_LABELS, type NotDueReason } from '../orders/order.ts'
import type { Run } from '../runs/run.ts'
import { type RunView, runView } from '../runs/run-view.ts'
import { mailWord } from '../shops/mails.ts'
import type { Shop } from '../shops/shop.ts'
import { inWords } from './in-words.ts'
import type { ExportPlan, PlanItem, PlanTally } from './repository.ts'

export type CardFacts = {
  shop: Shop
  latest: Run | undefined
  due: number
  leftOut: ReadonlyMap<NotDueReason, number>
  /** Due orders that 自動書き出し leaves to a person. */
  heldBack: number
  /** The plan that this person opened last, while it can still be executed. */
  opened?: ExportPlan | undefined
  window?: { value: string; error: string } | undefined
}

export type Card = ReturnType<typeof cardOf>

/** @param now ms UTC */
export function cardOf(facts: CardFacts, now: number) {
  const { shop, latest, due, leftOut, heldBack, opened, window } = facts
  return {
    shop: { id: shop.id, name: shop.name, dryRun: shop.dryRun },
    run: latest && runView(latest, now),
    due,
    heldBack,
    window: window ?? { value: String(shop.exportDays), error: '' },
    scope: shop.exportScope === 'processed_only' ? '【処理済み】のみ' : '【処理済み】以外も書き出す',
    mails: mailWord(shop.notifyCustomer, shop.capabilities),
    // Without links: 受注一覧 cannot be filtered by the reason, and a list of other orders than were counted would mislead.
    leftOut: [...leftOut].map(([reason, count]) => ({ label: NOT_DUE_LABELS[reason], count })),
    opened: opened && { id: opened.id, at: opened.createdAt, state: opened.state },
  }
}

export type PlanFacts = {
  plan: ExportPlan
  shop: Shop
  tally: PlanTally
  items: PlanItem[]
  /** The shop is being read for it by this process. */
  isWorking: boolean
  run: Run | undefined
  /** Something that keeps the form from being taken, in Japanese. */
  error?: string | undefined
}

export type PlanView = ReturnType<typeof planView>

/** @param now ms UTC */
export function planView({ plan, shop, tally, items, isWorking, run, error }: PlanFacts, now: number) {
  const failure = plan.reason === null ? undefined : failureOf(plan.reason)
  const mailsOnStatusOnly = items.find((item) => item.planned.sight)?.planned.mailsOnStatusOnly
  return {
    id: plan.id,
    state: plan.runId !== null ? ('executed' as const) : plan.state,
    isWorking,
    createdAt: plan.createdAt,
    days: plan.days,
    shop: { id: shop.id, name: shop.name, dryRun: shop.dryRun },
    tally,
    failure: failure && { sentence: failure.sentence, nextStep: failure.nextStep },
    mails: mailWord(shop.notifyCustomer, {
      ...shop.capabilities,
      // What the live read showed: the export goes by it.
      ...(mailsOnStatusOnly === undefined ? {} : { updatedAt: !mailsOnStatusOnly }),
    }),
    run: run && (runView(run, now) satisfies RunView),
    error: error ?? '',
    rows: items.map((item) => rowOf(item, shop)),
  }
}

function rowOf(item: PlanItem, shop: Shop) {
  const { now, will } = inWords(item.planned, shop)
  const failure = item.reason === null ? undefined : failureOf(item.reason)
  return {
    orderId: item.orderId,
    csCartOrderId: item.csCartOrderId,
    buyerName: item.buyerName,
    looked: item.looked,
    included: item.included,
    now,
    will: failure || !item.looked ? [] : will,
    reason: failure && { sentence: failure.sentence, nextStep: failure.nextStep, detail: item.planned.detail ?? '' },
  }
}
