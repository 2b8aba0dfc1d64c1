/** What the pages of データ書出 show. */
import { failureOf } from '../failures.ts'
import { NOT_DUE_LABELS, type NotDueReason } from '../orders/order.ts'
import type { Run } from '../runs/run.ts'
import { type RunView, runView } from '../runs/run-view.ts'
import type { Shop } from '../shops/shop.ts'
import { inWords } from './in-words.ts'
import { mailWord } from './mails.ts'
import type { ExportPlan, PlanItem, PlanTally } from './repository.ts'

export type CardFacts = {
  shop: Shop
  latest: Run | undefined
  due: number
  leftOut: ReadonlyMap<NotDueReason, number>
  /** Due orders that 自動書き出し leaves to a person. */
  heldBack: number
  /** A plan that this person has seen and nobody executed. */
  seen?: { plan: ExportPlan; tally: PlanTally } | undefined
  window?: { value: string; error: string } | undefined
}

export type Card = ReturnType<typeof cardOf>

/** @param now ms UTC */
export function cardOf(facts: CardFacts, now: number) {
  const { shop, latest, due, leftOut, heldBack, seen, window } = facts
  return {
    shop: { id: shop.id, name: shop.name, dryRun: shop.dryRun },
    run: latest && runView(latest, now),
    due,
    heldBack,
    window: window ?? { value: String(shop.exportDays), error: '' },
    scope: shop.exportScope === 'processed_only' ? '【処理済み】のみ' : '【処理済み】以外も書き出す',
    mails: mailWord(
      shop.notifyCustomer,
      shop.capabilities.updatedAt === undefined ? undefined : !shop.capabilities.updatedAt,
    ),
    leftOut: [...leftOut].map(([reason, count]) => ({
      label: NOT_DUE_LABELS[reason],
      count,
      href: `/orders?${new URLSearchParams({ ...LIST_FILTERS[reason], shop: String(shop.id) })}`,
    })),
    seen: seen && { id: seen.plan.id, at: seen.plan.createdAt, included: seen.tally.included, state: seen.plan.state },
  }
}

/** Where 受注一覧 shows the orders that a reason leaves out. */
const LIST_FILTERS: Readonly<Record<NotDueReason, Record<string, string>>> = {
  cancelled_in_cs_cart: { tab: 'attention' },
  already_written: { export: 'confirmed' },
  no_ship_date: { export: 'none' },
  no_tracking_number: { number: 'no' },
  no_carrier: { carrier: 'none' },
  status_out_of_scope: { export: 'excluded' },
  outside_window: { export: 'excluded' },
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
    mails: mailWord(shop.notifyCustomer, mailsOnStatusOnly),
    run: run && (runView(run, now) satisfies RunView),
    error: error ?? '',
    rows: items.map((item) => rowOf(item, shop)),
  }
}

function rowOf(item: PlanItem, shop: Shop) {
  const { now, will } = inWords(item.planned, shop.knownStatuses)
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
