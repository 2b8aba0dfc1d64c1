import { DEFAULT_STATUSES } from '../cscart/statuses.ts'
import type { ShopCapabilities } from '../db/schema.ts'
import { failureOf } from '../failures.ts'
import { mailTruth } from './mails.ts'
import { CONNECTION_LABELS, INTERVALS, type Shop } from './shop.ts'
import { type CarrierChoice, type FieldErrors, KANA_FIELDS, type ShopFormValues } from './shop-form.ts'
import type { ConnectionTest } from './test-connection.ts'

/**
 * The newest run of one kind, in words; made by whoever knows the runs.
 * `at` is ms UTC; `why` says what was wrong and what to do, '' when nothing was.
 */
export type LastRun = { id: number; at: number; label: string; why: string }
export type LastRuns = { import: LastRun | undefined; export: LastRun | undefined }

/** The contract gate's answer for today, with its word for the page. */
export type ApiOptionToday = { inForce: boolean; label: string }

export type LandingStatus = { id: number; name: string; role: string | null }

/** One row of 「出店中のモール一覧」. */
export function shopRow(shop: Shop, runs: LastRuns) {
  const failure =
    shop.connectionState === 'error' && shop.connectionReason ? failureOf(shop.connectionReason) : undefined
  return {
    id: shop.id,
    name: shop.name,
    baseUrl: shop.baseUrl,
    state: shop.connectionState,
    stateLabel: CONNECTION_LABELS[shop.connectionState],
    checkedAt: shop.connectionCheckedAt,
    dryRun: shop.dryRun,
    wrong: failure?.sentence ?? '',
    nextStep:
      failure?.nextStep ??
      (shop.connectionState === 'untested' ? '店舗を開いて「接続テスト」を押し、つながるか確かめてください。' : ''),
    runs,
  }
}

/** Letters that a merchant may fetch, 注文受付, 入荷待ち, 支払い確認済み and 配送済み first, with the shop's own name where it has another. */
export function fetchStatusOptions(known: readonly (readonly [string, string])[], chosen: readonly string[]) {
  const names = new Map(known)
  const letters = [...new Set(['O', 'B', 'P', 'C', ...names.keys(), ...chosen])]
  return letters.map((letter) => {
    const own = names.get(letter)?.trim() ?? ''
    const name = DEFAULT_STATUSES[letter] ?? (own || 'ショップ独自のステータス')
    return { letter, label: `${name}(${letter})`, own: own === name ? '' : own, checked: chosen.includes(letter) }
  })
}

/** What stands before the message of a field in the summary. */
const LABELS: Readonly<Record<string, string>> = {
  savedAt: '設定の保存',
  name: '店舗名',
  url: 'URL',
  email: 'メールアドレス',
  apiKey: 'APIキー',
  landingStatusId: '受注格納先ステータス',
  fetchStatuses: 'CS-CART取得ステータス',
  fetchDays: '受注を取得する日数',
  autoImportMinutes: '自動取得',
  autoExportMinutes: '自動書き出し',
  exportScope: 'API書出',
  notifyCustomer: 'お客様へのCS-Cart通知メール',
  nameOrder: '姓名の並び',
  requestsAtOnce: '同時リクエスト数',
  ...Object.fromEntries(KANA_FIELDS.map(({ key, label }) => [`kana-${key}`, label])),
}

/** Settings with a box to tick, whose label stands beside it. */
const TICKED = { autoImport: '自動取得', autoExport: '自動書き出し', dryRun: '試運転' } as const

/** Where a form says something else than what is stored: each field with what is stored. */
export function differencesOf(typed: ShopFormValues, stored: ShopFormValues): string[] {
  const texts = (values: ShopFormValues): Record<string, string> => ({
    ...Object.fromEntries(Object.entries(TICKED).map(([name, label]) => [label, onOff(Reflect.get(values, name))])),
    ...Object.fromEntries(
      Object.entries(LABELS).flatMap(([name, label]) => {
        const value: unknown = Reflect.get(values, name)
        if (typeof value !== 'string' && !Array.isArray(value)) return []
        return [[name.endsWith('Minutes') ? `${label}の間隔（分）` : label, WORDS[String(value)] ?? String(value)]]
      }),
    ),
    ...Object.fromEntries(KANA_FIELDS.map(({ key, label }) => [label, values.kana[key]])),
    // Only those that were ever saved: an empty box means the usual code.
    ...Object.fromEntries(
      Object.keys(stored.carrierCodes).map((id) => [`運送会社コード ${id}`, values.carrierCodes[id] ?? '']),
    ),
  })
  const now = texts(stored)
  return Object.entries(texts(typed))
    .filter(([label, text]) => text !== now[label])
    .map(([label]) => `${label}（保存されている設定: ${now[label] || '空'}）`)
}

const onOff = (value: unknown): string => (value === true ? 'オン' : 'オフ')
const WORDS: Readonly<Record<string, string>> = {
  yes: '送る',
  no: '送らない',
  processed_only: '【処理済み】のみ',
  all_active: '【処理済み】以外も書き出す',
  family_first: '姓が先',
  given_first: '名が先',
}

export type EditPageFacts = {
  shop: Shop | undefined
  values: ShopFormValues
  errors: FieldErrors
  /** A key was typed and is not shown again. */
  keyTyped: boolean
  landingStatuses: readonly LandingStatus[]
  carriers: readonly CarrierChoice[]
  apiOption: ApiOptionToday
  test?: TestView | undefined
  /** What a test has just seen, before it is saved. */
  seen?: { capabilities: ShopCapabilities; statuses: [string, string][] | undefined } | undefined
}

/** All that 「CS-CART API連携設定」 shows. */
export function editPage(facts: EditPageFacts) {
  const { shop, values, errors, carriers, apiOption, seen } = facts
  const path = shop ? `/shops/${shop.id}` : '/shops/new'
  const known = seen?.statuses ?? shop?.knownStatuses ?? []
  const carrierLabels = Object.fromEntries(carriers.map(({ id, name }) => [`carrier-${id}`, `${name}の運送会社コード`]))
  const inDetails = Object.keys(errors).some((id) => /^(kana-|carrier-|nameOrder|requestsAtOnce)/.test(id))
  return {
    action: path,
    testAction: `${path}/test`,
    shop: shop && shopRow(shop, { import: undefined, export: undefined }),
    hasApiKey: shop?.hasApiKey ?? false,
    values,
    errors,
    errorList: Object.entries(errors).map(([id, message]) => ({
      id,
      label: LABELS[id] ?? carrierLabels[id] ?? id,
      message,
    })),
    keyTyped: facts.keyTyped,
    landingStatuses: facts.landingStatuses,
    statusOptions: fetchStatusOptions(known, values.fetchStatuses),
    intervals: INTERVALS,
    carriers,
    kanaFields: KANA_FIELDS,
    apiOption,
    mailTruth: mailTruth({ ...shop?.capabilities, ...seen?.capabilities }),
    detailsOpen: inDetails,
    asksSameShop: values.sameShop || (shop !== undefined && errors.url !== undefined && values.url !== shop.baseUrl),
    test: facts.test,
  }
}

export type TestView = ReturnType<typeof testView>

/** The result of 「接続テスト」 in words, with the newest order as it would be stored. */
export function testView(test: ConnectionTest, url: string, preview: readonly { label: string; value: string }[]) {
  const wrong = test.steps.find(({ state }) => state === 'failed')
  const warnings = test.steps.filter(({ state }) => state === 'warning').length
  const { updatedAt } = test.capabilities
  return {
    ok: test.ok,
    url,
    headline: wrong
      ? `つながりませんでした。うまくいかないのは「${wrong.label}」です。`
      : warnings > 0
        ? `接続できました。気をつける点が${warnings}つあります。`
        : '接続できました。',
    steps: test.steps.map((step) => ({ ...step, ...MARKS[step.state] })),
    capability:
      updatedAt === undefined
        ? ''
        : updatedAt
          ? '更新日時で絞り込めるショップです（CS-Cart 4.13 以降の動き）。変更やキャンセルをすばやく見つけられます。'
          : '更新日時がないショップです（CS-Cart 4.10 以前の動き）。変更やキャンセルは、取得する日数の注文を見比べて見つけます。',
    preview,
    // So that the merchant can see which number holds which kana.
    profileFields: Object.entries(test.newest?.order.fields ?? {}).map(([id, value]) => ({ id, value })),
  }
}

const MARKS = {
  ok: { mark: '✓', word: '良い' },
  failed: { mark: '✗', word: '要修正' },
  warning: { mark: '!', word: '注意' },
  skipped: { mark: '－', word: '未確認' },
} as const
