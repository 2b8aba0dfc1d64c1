import type { OrderRow } from '../cscart/client.ts'
import { statusName } from '../cscart/statuses.ts'
import type { CsCartError } from '../errors.ts'
import { failureOf } from '../failures.ts'
import { formatDateTime } from '../period.ts'
import type { Run } from '../runs/run.ts'
import { type RunView, runView } from '../runs/run-view.ts'
import type { Shop } from '../shops/shop.ts'
import type { Comparison } from './compare-orders.ts'
import { canImportAnyway, type Explanation } from './explain-missing.ts'
import type { ImportPreview } from './preview-import.ts'
import type { ImportFailure } from './repository.ts'
import { type PeriodForm, readImportRequest, requestLabel } from './request.ts'

/** What the page knows of one shop. */
export type CardFacts = {
  shop: Shop
  /** The newest import, running or over. */
  latest: Run | undefined
  /** No import of this shop has got through yet. */
  isFirst: boolean
  failures: ImportFailure[]
  form?: { values: PeriodForm; errors: Partial<PeriodForm> } | undefined
  fence?: { value: string; error: string } | undefined
}

export type Card = {
  shop: Pick<Shop, 'id' | 'name' | 'fetchDays' | 'fenceAt'>
  statuses: string[]
  run: RunView | undefined
  /** What the running import was asked to do. */
  asked: string
  isFirst: boolean
  /** The import that works now is the first one that looks at everything, if it gets through. */
  isFirstRunning: boolean
  period: PeriodForm
  periodErrors: Partial<PeriodForm>
  fence: { value: string; error: string }
  failureCount: number
  /** The numbers of all that failed, for the button that tries them again. */
  failures: {
    csCartOrderId: number
    sentence: string
    nextStep: string
    detail: string
    failedAt: number
    attempts: number
  }[]
}

const SHOWN_FAILURES = 20

/** @param now ms UTC */
export function cardOf(
  { shop, latest, isFirst, failures, form, fence }: CardFacts,
  now: number,
  timeZone: string,
): Card {
  const today = {
    from: formatDateTime(now - shop.fetchDays * 24 * 3_600_000, timeZone),
    to: formatDateTime(now, timeZone),
  }
  const asked = latest && readImportRequest(latest.request)
  return {
    shop: { id: shop.id, name: shop.name, fetchDays: shop.fetchDays, fenceAt: shop.fenceAt },
    statuses: shop.fetchStatuses.map(namesOf(shop)),
    run: latest && runView(latest, now),
    asked: asked ? requestLabel(asked, timeZone) : '',
    isFirst,
    isFirstRunning: isFirst && latest?.state === 'running' && (asked?.mode === 'days' || asked?.mode === 'scheduled'),
    period: form?.values ?? today,
    periodErrors: form?.errors ?? {},
    fence: fence ?? { value: '', error: '' },
    failureCount: failures.length,
    failures: failures.slice(0, SHOWN_FAILURES).map((failure) => ({
      csCartOrderId: failure.csCartOrderId,
      sentence: failureOf(failure.reason).sentence,
      nextStep: failureOf(failure.reason).nextStep,
      detail: failure.detail ?? '',
      failedAt: failure.failedAt,
      attempts: failure.attempts,
    })),
  }
}

/** The names of a shop's status letters, with the letter: `支払い確認済み(P)`. */
export const namesOf =
  (shop: Pick<Shop, 'knownStatuses'>) =>
  (letter: string): string =>
    `${statusName(
      letter,
      shop.knownStatuses.map(([known, name]) => ({ letter: known, name })),
    )}(${letter})`

export type ShopFailure = { sentence: string; nextStep: string; detail: string }

export function shopFailure(error: CsCartError): ShopFailure {
  const { sentence, nextStep } = failureOf(error.reason)
  const detail = [error.status && `HTTP ${error.status}`, error.path && `項目 ${error.path}`, error.said]
  return { sentence, nextStep, detail: detail.filter(Boolean).join(' / ') }
}

export type ExplanationView = {
  /** Sentences, the answer first. */
  lines: string[]
  orderId: number | undefined
  canImport: boolean
}

/** 「この注文が来ない」 in words. */
export function explanationView(
  found: Explanation,
  csCartOrderId: number,
  shop: Shop,
  words: { dateTime: (at: number) => string; isForeseen: boolean },
): ExplanationView {
  const name = namesOf(shop)
  const lines: string[] = []
  const say = (...more: string[]) => lines.push(...more)
  switch (found.kind) {
    case 'here':
      say(`注文 ${csCartOrderId} はすでに取り込まれています。`)
      if (found.gone) say('CS-Cart側でキャンセルされたか、CS-Cartからなくなっています。')
      break
    case 'not_in_shop':
      say(
        `CS-Cartに注文 ${csCartOrderId} がありません。`,
        '番号を確かめてください。別の店舗の注文か、削除された注文かもしれません。APIアカウントから見えない出品者・ストアフロントの注文も、ないものとして返ってきます。',
      )
      break
    case 'parent':
      say('この注文は、出品者ごとの注文に分かれた親注文です。取り込まれるのは、分かれた先の注文です。')
      break
    case 'outside':
      say(`CS-Cartでは ${name(found.status)}、受注日時は ${words.dateTime(found.orderedAt)} です。`)
      for (const reason of found.reasons) say(outsideWords(reason, found.status, shop, name, words.dateTime))
      break
    case 'baseline':
      say(
        `CS-Cartでは ${name(found.status)}、受注日時は ${words.dateTime(found.orderedAt)} です。`,
        `この店舗を初めて取り込んだときに、すでに「受注を取得する日数」（${shop.fetchDays}日）より古かった注文です。ステータスが変わると取り込まれます。`,
      )
      break
    case 'next_run':
      say(`CS-Cartでは ${name(found.status)}、受注日時は ${words.dateTime(found.orderedAt)} です。`)
      if (found.failedBefore !== undefined) {
        const { sentence, nextStep } = failureOf(found.failedBefore)
        say(`前の取込では失敗しました: ${sentence}`, nextStep)
      }
      say(
        words.isForeseen
          ? '取込の対象です。次の自動取得で取り込まれます。'
          : '取込の対象です。「CS-CART API取込」を押すと取り込まれます（自動取得はオフです）。',
      )
      break
    case 'unreadable': {
      const { sentence, nextStep, detail } = shopFailure(found.error)
      say('注文はCS-Cartにありますが、読めません。', `${sentence}${detail && `（${detail}）`}`, nextStep)
      break
    }
    case 'shop_failed': {
      const { sentence, nextStep } = shopFailure(found.error)
      say(
        found.error.reason === 'forbidden'
          ? 'このAPIキーでは注文を見られないため、分かりません。'
          : 'いまショップに問い合わせられないため、分かりません。',
        sentence,
        nextStep,
      )
    }
  }
  return {
    lines,
    orderId: found.kind === 'here' ? found.orderId : undefined,
    canImport: canImportAnyway(found),
  }
}

function outsideWords(
  reason: 'status' | 'fence' | 'period',
  status: string,
  shop: Shop,
  name: (letter: string) => string,
  dateTime: (at: number) => string,
): string {
  if (reason === 'status') {
    return `${name(status)} は「CS-CART取得ステータス」（${shop.fetchStatuses.map(name).join('、')}）に入っていません。モール詳細設定で選ぶか、CS-Cartでステータスが変わると取り込まれます。`
  }
  if (reason === 'fence') {
    return `「この日時より後の注文だけ」（${shop.fenceAt === null ? '' : dateTime(shop.fenceAt)}）より前の注文です。`
  }
  return `「受注を取得する日数」（${shop.fetchDays}日）より前の注文です。「取得日」にこの日時を含めて取得するか、下のボタンで取り込めます。`
}

const SHOWN_ROWS = 200

/** 「突き合わせ」 as the page shows it: long lists are cut, counts and the numbers to import are not. */
export function comparisonView(found: Comparison, shop: Shop) {
  const name = namesOf(shop)
  const rowView = (row: OrderRow) => ({ ...row, statusName: name(row.status) })
  return {
    ...found,
    isEqual: found.missing.length + found.extra.length + found.different.length === 0,
    missingIds: found.missing.map((row) => row.orderId).join(' '),
    differentIds: found.different.map(({ row }) => row.orderId).join(' '),
    missing: found.missing.slice(0, SHOWN_ROWS).map(rowView),
    missingCount: found.missing.length,
    extra: found.extra.slice(0, SHOWN_ROWS).map((order) => ({
      ...order,
      statusName: name(order.csCartStatus),
      isMarked: order.cancelledInCsCartAt !== null,
    })),
    extraCount: found.extra.length,
    different: found.different
      .slice(0, SHOWN_ROWS)
      .map(({ row, ours }) => ({ row: rowView(row), ours: { ...ours, statusName: name(ours.csCartStatus) } })),
    differentCount: found.different.length,
  }
}

export function previewView(found: ImportPreview, shop: Shop) {
  const name = namesOf(shop)
  return { ...found, byStatus: found.byStatus.map((one) => ({ ...one, name: name(one.letter) })) }
}
