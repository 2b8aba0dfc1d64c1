/** From-to of an order's fields, for its 履歴: found here, stored as text, and given their Japanese names here. */
import type { FieldChange, StoredAddress, StoredTax } from '../db/schema.ts'
import type { CsCartOwned, ImportedLine, Order, OrderLine } from './order.ts'

/** Every field that a history row can name, and what it is called. */
export const FIELD_LABELS: Readonly<Record<string, string>> = {
  csCartStatus: 'CS-CARTステータス',
  orderedAt: '注文日時',
  buyerName: '氏名',
  buyerKana: 'フリガナ',
  company: '会社名',
  email: 'メールアドレス',
  phone: '電話番号',
  billing: '請求先',
  shipping: 'お届け先',
  paymentMethod: '支払方法',
  shippingMethod: '配送方法',
  deliveryDate: 'お届け日',
  deliverySlot: 'お届け時間帯',
  customerNotes: 'お客様コメント',
  staffNotes: 'スタッフメモ（CS-Cart）',
  totalCents: '合計',
  subtotalCents: '小計',
  shippingCents: '送料',
  discountCents: '値引き',
  surchargeCents: '手数料',
  taxes: '税',
  line: '商品',
  shippedAmount: 'CS-Cartでの出荷済み数',
  csCartUpdatedAt: 'CS-Cartでの更新日時',
  statusId: '受注ステータス',
  shipDate: '出荷日',
  carrier: '配送業者',
  trackingNumber: 'お荷物伝票番号',
  memo: 'メモ',
  exportState: '書出状態',
  exportedAs: '書き出した内容',
}

/** Fields whose stored values are 1/100 of the currency unit. */
export const MONEY_FIELDS: ReadonlySet<string> = new Set([
  'totalCents',
  'subtotalCents',
  'shippingCents',
  'discountCents',
  'surchargeCents',
])

const TEXT_FIELDS = [
  'buyerName',
  'buyerKana',
  'company',
  'email',
  'phone',
  'paymentMethod',
  'shippingMethod',
  'deliveryDate',
  'deliverySlot',
  'customerNotes',
  'staffNotes',
  'totalCents',
  'subtotalCents',
  'shippingCents',
  'discountCents',
  'surchargeCents',
] as const satisfies readonly (keyof CsCartOwned)[]

const LONGEST = 300

/** One from-to, cut to a length that a history can carry. */
export function change(field: string, from: string, to: string): FieldChange {
  return { field, from: cut(from), to: cut(to) }
}

/** What CS-Cart changed of an order's content; status and shipped amounts are compared apart. */
export function contentChanges(
  before: CsCartOwned & { lines: readonly OrderLine[] },
  after: CsCartOwned & { lines: readonly ImportedLine[] },
): FieldChange[] {
  const changes: FieldChange[] = []
  /** `read`: as people read it; `whole`: everything that is compared, for changes that one does not see in what people read. */
  const compare = (field: string, from: Told, to: Told) => {
    if (from.whole === to.whole) return
    changes.push(from.read === to.read ? change(field, from.whole, to.whole) : change(field, from.read, to.read))
  }
  const text = (value: string | number | null): Told => ({ read: String(value), whole: String(value) })
  compare('orderedAt', text(before.orderedAt), text(after.orderedAt))
  for (const field of TEXT_FIELDS) compare(field, text(before[field]), text(after[field]))
  compare('billing', addressTold(before.billing), addressTold(after.billing))
  compare('shipping', addressTold(before.shipping), addressTold(after.shipping))
  compare('taxes', taxesTold(before.taxes), taxesTold(after.taxes))
  const old = new Map(before.lines.map((line) => [line.itemId, lineTold(line)]))
  const now = new Map(after.lines.map((line) => [line.itemId, lineTold(line)]))
  for (const itemId of new Set([...old.keys(), ...now.keys()])) {
    compare('line', old.get(itemId) ?? NO_LINE, now.get(itemId) ?? NO_LINE)
  }
  return changes
}

type Told = { read: string; whole: string }
const NO_LINE: Told = { read: '', whole: '' }

/**
 * What CS-Cart shipped meanwhile: over all lines that can be shipped, or line by line where their sum says nothing of it.
 * An amount that grew is the content's story; only the shipped part is compared here.
 */
export function shippedChanges(before: readonly ImportedLine[], after: readonly ImportedLine[]): FieldChange[] {
  const sum = (lines: readonly ImportedLine[], field: 'shippedAmount' | 'amount') =>
    lines.reduce((total, line) => total + (line.downloadable ? 0 : line[field]), 0)
  const inAll = (lines: readonly ImportedLine[]) => `${sum(lines, 'shippedAmount')}/${sum(lines, 'amount')}`
  if (sum(before, 'shippedAmount') !== sum(after, 'shippedAmount')) {
    return [change('shippedAmount', inAll(before), inAll(after))]
  }
  const then = new Map(before.map((line) => [line.itemId, line.shippedAmount]))
  const moved = after.filter((line) => (then.get(line.itemId) ?? 0) !== line.shippedAmount)
  if (moved.length === 0) return []
  const byLine = (shipped: (line: ImportedLine) => number) =>
    moved.map((line) => `${line.name} ${shipped(line)}/${line.amount}`).join('、')
  return [
    change(
      'shippedAmount',
      byLine((line) => then.get(line.itemId) ?? 0),
      byLine((line) => line.shippedAmount),
    ),
  ]
}

/** An address in one line, as people read it. */
export function addressLine(a: StoredAddress): string {
  return [a.name, a.kana && `（${a.kana}）`, a.postalCode, `${a.prefecture}${a.city}${a.address1}`, a.address2, a.phone]
    .filter((part) => part !== '')
    .join(' ')
}

/** What staff typed: from-to with the names that statuses and carriers had at that time. */
export function staffChanges(
  before: Order,
  after: Order,
  names: { status: (id: number) => string; carrier: (id: string | null) => string },
): FieldChange[] {
  const changes: FieldChange[] = []
  if (before.statusId !== after.statusId) {
    changes.push(change('statusId', names.status(before.statusId), names.status(after.statusId)))
  }
  if (before.shipDate !== after.shipDate) changes.push(change('shipDate', before.shipDate ?? '', after.shipDate ?? ''))
  if (before.carrier !== after.carrier) {
    changes.push(change('carrier', names.carrier(before.carrier), names.carrier(after.carrier)))
  }
  if (before.trackingNumber !== after.trackingNumber) {
    changes.push(change('trackingNumber', before.trackingNumber, after.trackingNumber))
  }
  if (before.memo !== after.memo) changes.push(change('memo', before.memo, after.memo))
  return changes
}

function lineText(line: ImportedLine): string {
  const options = line.options.map(({ name, value }) => `${name}:${value}`).join(' ')
  const price = (line.subtotalCents / 100).toFixed(line.subtotalCents % 100 === 0 ? 0 : 2)
  return [line.productCode, line.name, options && `（${options}）`, `× ${line.amount}`, `${price}円`]
    .filter((part) => part !== '')
    .join(' ')
}

const addressTold = (a: StoredAddress): Told => ({
  read: addressLine(a),
  whole: [a.country, a.postalCode, a.prefecture, a.city, a.address1, a.address2, a.name, a.kana, a.phone].join(' / '),
})

const taxesTold = (taxes: readonly StoredTax[]): Told => ({
  read: taxes.map(taxLine).join('、'),
  whole: taxes.map((tax) => `${taxLine(tax)}（${tax.rate}、${tax.included ? '内税' : '外税'}）`).join('、'),
})

function lineTold(line: ImportedLine): Told {
  const read = lineText(line)
  const more = [
    `商品ID ${line.productId}`,
    `単価 ${(line.unitPriceCents / 100).toFixed(2)}円`,
    `配送グループ ${line.groupKey}`,
    ...(line.downloadable ? ['ダウンロード商品'] : []),
  ]
  return { read, whole: `${read}［${more.join('・')}］` }
}

const taxLine = (tax: StoredTax) => `${tax.name} ${(tax.cents / 100).toFixed(tax.cents % 100 === 0 ? 0 : 2)}円`
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
