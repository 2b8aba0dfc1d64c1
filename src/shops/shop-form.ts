import { shopRoot } from '../cscart/base-url.ts'
import { FETCH_DAYS, INTERVALS, mayKeepKey, NEW_SHOP, type Shop, type ShopSettings } from './shop.ts'

/** A carrier of ours with the code under which CS-Cart's Japanese edition knows it. */
export type CarrierChoice = { id: string; name: string; code: string }

/** What the form shows, as typed. The key is never among it. */
export type ShopFormValues = {
  name: string
  url: string
  email: string
  landingStatusId: string
  fetchStatuses: string[]
  fetchDays: string
  autoImport: boolean
  autoImportMinutes: string
  autoExport: boolean
  autoExportMinutes: string
  exportScope: string
  notifyCustomer: string
  dryRun: boolean
  nameOrder: string
  kana: Record<KanaKey, string>
  carrierCodes: Record<string, string>
  requestsAtOnce: string
  /** Said of another address: it leads to the same shop. */
  sameShop: boolean
  /** `settingsSavedAt` of the shop as the form was made from it; '' for a new one. */
  savedAt: string
}

export const KANA_FIELDS = [
  { key: 'contactFamily', label: '連絡先の姓フリガナの項目番号' },
  { key: 'contactGiven', label: '連絡先の名フリガナの項目番号' },
  { key: 'billingFamily', label: '請求先の姓フリガナの項目番号' },
  { key: 'billingGiven', label: '請求先の名フリガナの項目番号' },
  { key: 'shippingFamily', label: 'お届け先の姓フリガナの項目番号' },
  { key: 'shippingGiven', label: 'お届け先の名フリガナの項目番号' },
] as const
export type KanaKey = (typeof KANA_FIELDS)[number]['key']

/** Messages by the id of the field that they stand beside. */
export type FieldErrors = Record<string, string>

export type ShopFormContext = {
  /** The stored shop; undefined for a new one. */
  shop: Shop | undefined
  landingStatusIds: readonly number[]
  carriers: readonly CarrierChoice[]
  /** The contract gate's answer for today. */
  apiOptionInForce: boolean
  /** ALLOW_PRIVATE_STORES: http:// is taken. */
  allowPrivate: boolean
}

export type ParsedShopForm =
  | { ok: true; settings: ShopSettings; apiKey: string | undefined; values: ShopFormValues; notes: string[] }
  | { ok: false; errors: FieldErrors; values: ShopFormValues; keyTyped: boolean }

/** The form of a stored shop, or of a new one that lands in `landingStatusId`. */
export function shopFormOf(shop: Shop | undefined, landingStatusId: number): ShopFormValues {
  const s = shop ?? { ...NEW_SHOP, landingStatusId, carrierCodes: {} }
  return {
    name: s.name,
    url: s.baseUrl,
    email: s.apiEmail,
    landingStatusId: String(s.landingStatusId),
    fetchStatuses: [...s.fetchStatuses],
    fetchDays: String(s.fetchDays),
    autoImport: s.autoImport,
    autoImportMinutes: String(s.autoImportMinutes),
    autoExport: s.autoExport,
    autoExportMinutes: String(s.autoExportMinutes),
    exportScope: s.exportScope,
    notifyCustomer: s.notifyCustomer ? 'yes' : 'no',
    dryRun: s.dryRun,
    nameOrder: s.nameOrder,
    kana: {
      contactFamily: s.kanaFields.contact[0],
      contactGiven: s.kanaFields.contact[1],
      billingFamily: s.kanaFields.billing[0],
      billingGiven: s.kanaFields.billing[1],
      shippingFamily: s.kanaFields.shipping[0],
      shippingGiven: s.kanaFields.shipping[1],
    },
    carrierCodes: { ...s.carrierCodes },
    requestsAtOnce: String(s.requestsAtOnce),
    sameShop: false,
    savedAt: shop ? String(shop.settingsSavedAt) : '',
  }
}

/**
 * Reads 「CS-CART API連携設定」.
 * @param body the posted form, a map of texts and lists of texts
 * @returns the settings, with `notes` on what was decided differently from what was posted; or a message per field
 */
export function parseShopForm(body: unknown, context: ShopFormContext): ParsedShopForm {
  const values = typedValues(body, context)
  const errors: FieldErrors = {}
  const notes: string[] = []
  const { shop } = context

  const root = rootOf(values.url, context.allowPrivate)
  if (!root.ok) errors.url = root.message
  if (!/^[^\s@:]+@[^\s@:]+$/.test(values.email)) {
    errors.email = values.email
      ? 'メールアドレスの形（例: api@example.jp）で入力してください。'
      : 'APIを使うアカウントのメールアドレスを入力してください。'
  }
  const apiKey = textOf(body, 'apiKey').trim()
  const keyFault = faultOfKey(apiKey, shop, root.ok ? root.url : undefined)
  if (keyFault) errors.apiKey = keyFault

  const landingStatusId = Number(values.landingStatusId)
  if (!context.landingStatusIds.includes(landingStatusId)) errors.landingStatusId = '一覧から選んでください。'
  if (values.fetchStatuses.length === 0) errors.fetchStatuses = '取得するステータスを1つ以上選んでください。'
  else if (!values.fetchStatuses.every((letter) => /^[A-Za-z0-9]$/.test(letter)))
    errors.fetchStatuses = '一覧にあるステータスから選んでください。'
  const fetchDays = wholeNumber(values.fetchDays, FETCH_DAYS.min, FETCH_DAYS.max)
  if (fetchDays === undefined) errors.fetchDays = `${FETCH_DAYS.min}〜${FETCH_DAYS.max} の整数で入力してください。`
  const autoImportMinutes = intervalOf(values.autoImportMinutes)
  if (autoImportMinutes === undefined) errors.autoImportMinutes = '間隔を一覧から選んでください。'
  const autoExportMinutes = intervalOf(values.autoExportMinutes)
  if (autoExportMinutes === undefined) errors.autoExportMinutes = '間隔を一覧から選んでください。'
  const exportScope = oneOf(values.exportScope, ['processed_only', 'all_active'])
  if (!exportScope) errors.exportScope = 'どちらかを選んでください。'
  const notify = oneOf(values.notifyCustomer, ['yes', 'no'])
  if (!notify) errors.notifyCustomer = 'どちらかを選んでください。'
  const nameOrder = oneOf(values.nameOrder, ['family_first', 'given_first'])
  if (!nameOrder) errors.nameOrder = 'どちらかを選んでください。'
  for (const { key } of KANA_FIELDS) {
    if (!/^\d{0,9}$/.test(values.kana[key])) errors[`kana-${key}`] = '項目番号（数字）を入力するか、空にしてください。'
  }
  for (const carrier of context.carriers) {
    if (!/^[A-Za-z0-9_-]{0,100}$/.test(values.carrierCodes[carrier.id] ?? ''))
      errors[`carrier-${carrier.id}`] = '半角の英数字、ハイフン、下線で入力してください。'
  }
  const requestsAtOnce = wholeNumber(values.requestsAtOnce, 1, 4)
  if (requestsAtOnce === undefined) errors.requestsAtOnce = '1〜4 の整数で入力してください。'
  if (values.name.length > 100) errors.name = '100文字以内で入力してください。'

  if (
    !root.ok ||
    fetchDays === undefined ||
    autoImportMinutes === undefined ||
    autoExportMinutes === undefined ||
    requestsAtOnce === undefined ||
    !exportScope ||
    !notify ||
    !nameOrder ||
    Object.keys(errors).length > 0
  ) {
    return { ok: false, errors, values, keyTyped: apiKey !== '' }
  }

  if (!context.apiOptionInForce && has(body, 'autoExport') && !shop?.autoExport) {
    notes.push('APIオプションの契約期間外のため、「自動書き出し」はオンにしていません。')
  }
  if (shop?.hasApiKey && apiKey === '' && (shop.apiEmail !== values.email || shop.baseUrl !== root.url)) {
    notes.push(
      'URLまたはメールアドレスが変わりましたが、APIキーは保存済みのものをそのまま使います。「接続テスト」で確かめてください。',
    )
  }
  const { kana } = values
  return {
    ok: true,
    apiKey: apiKey === '' ? undefined : apiKey,
    values,
    notes,
    settings: {
      name: values.name || new URL(root.url).host,
      baseUrl: root.url,
      apiEmail: values.email,
      landingStatusId,
      fetchStatuses: values.fetchStatuses,
      fetchDays,
      autoImport: values.autoImport,
      autoImportMinutes,
      autoExport: values.autoExport,
      autoExportMinutes,
      exportScope,
      notifyCustomer: notify === 'yes',
      dryRun: values.dryRun,
      nameOrder,
      kanaFields: {
        contact: [kana.contactFamily, kana.contactGiven],
        billing: [kana.billingFamily, kana.billingGiven],
        shipping: [kana.shippingFamily, kana.shippingGiven],
      },
      // An empty box means the usual code, so that exports always find one.
      carrierCodes: {
        ...shop?.carrierCodes,
        ...Object.fromEntries(context.carriers.map((c) => [c.id, values.carrierCodes[c.id] || c.code])),
      },
      requestsAtOnce,
    },
  }
}

function typedValues(body: unknown, { shop, carriers, landingStatusIds, apiOptionInForce }: ShopFormContext) {
  const stored = shopFormOf(shop, landingStatusIds[0] ?? 0)
  // A field that was not sent at all keeps its value; an unticked box is never sent and means no.
  const text = (name: string, before: string) =>
    has(body, name) ? textOf(body, name).normalize('NFKC').trim() : before
  const values: ShopFormValues = {
    name: has(body, 'name') ? textOf(body, 'name').trim() : stored.name,
    url: has(body, 'url') ? textOf(body, 'url').trim() : stored.url,
    email: text('email', stored.email),
    landingStatusId: text('landingStatusId', stored.landingStatusId),
    fetchStatuses: [...new Set(listOf(body, 'fetchStatuses'))],
    fetchDays: text('fetchDays', stored.fetchDays),
    autoImport: has(body, 'autoImport'),
    autoImportMinutes: text('autoImportMinutes', stored.autoImportMinutes),
    // Without the contract the boxes are disabled: the stored wish stays as it is, whatever is posted, unless it is given up.
    autoExport: apiOptionInForce ? has(body, 'autoExport') : stored.autoExport && !has(body, 'autoExportOff'),
    autoExportMinutes: apiOptionInForce
      ? text('autoExportMinutes', stored.autoExportMinutes)
      : stored.autoExportMinutes,
    exportScope: text('exportScope', stored.exportScope),
    notifyCustomer: text('notifyCustomer', stored.notifyCustomer),
    dryRun: has(body, 'dryRun'),
    nameOrder: text('nameOrder', stored.nameOrder),
    kana: { ...stored.kana },
    carrierCodes: {},
    requestsAtOnce: text('requestsAtOnce', stored.requestsAtOnce),
    sameShop: has(body, 'sameShop'),
    savedAt: text('savedAt', stored.savedAt),
  }
  for (const { key } of KANA_FIELDS) values.kana[key] = text(`kana-${key}`, stored.kana[key])
  for (const { id } of carriers) values.carrierCodes[id] = text(`carrier-${id}`, stored.carrierCodes[id] ?? '')
  return values
}

function rootOf(typed: string, allowPrivate: boolean): ReturnType<typeof shopRoot> {
  if (typed === '') return { ok: false, message: 'ショップのURLを入力してください（例: https://shop.example/）。' }
  const root = shopRoot(typed)
  if (root.ok && !allowPrivate && !root.url.startsWith('https://')) {
    return {
      ok: false,
      message:
        'https:// で始まるURLを入力してください（http:// ではAPIキーが暗号化されずに送られます。社内の検証用ショップなら、環境変数 ALLOW_PRIVATE_STORES=1 を設定してください）。',
    }
  }
  return root
}

function faultOfKey(typed: string, shop: Shop | undefined, newUrl: string | undefined): string | undefined {
  // Anything else cannot stand in an HTTP header.
  if (typed !== '') {
    return /^[\x21-\x7e]{1,200}$/.test(typed)
      ? undefined
      : 'APIキーは半角の英数字です。CS-Cart管理画面からもう一度コピーしてください。'
  }
  if (!shop?.hasApiKey) return 'APIキーを入力してください。'
  if (newUrl !== undefined && !mayKeepKey(shop.baseUrl, newUrl)) {
    return 'URLのホストが変わったため、安全のため保存済みのAPIキーは使えません。新しいURLのショップのAPIキーを入力してください（別のショップをつなぐときは「店舗を追加」を使ってください）。'
  }
  return undefined
}

const intervalOf = (text: string): number | undefined =>
  INTERVALS.find(({ minutes }) => String(minutes) === text)?.minutes

const oneOf = <T extends string>(text: string, choices: readonly T[]): T | undefined =>
  choices.find((choice) => choice === text)

function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,6}$/.test(text)) return undefined
  const n = Number(text)
  return n >= min && n <= max ? n : undefined
}

function listOf(body: unknown, name: string): string[] {
  if (typeof body !== 'object' || body === null) return []
  const value = Object.entries(body).find(([key]) => key === name)?.[1]
  const all: unknown[] = Array.isArray(value) ? value : [value]
  return all.filter((item): item is string => typeof item === 'string')
}

const textOf = (body: unknown, name: string): string => listOf(body, name)[0] ?? ''
const has = (body: unknown, name: string): boolean => listOf(body, name).length > 0
