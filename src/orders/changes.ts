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
  const compare = (field: string, from: string, to: string) => {
    if (from !== to) changes.push(change(field, from, to))
  }
  compare('orderedAt', String(before.orderedAt), String(after.orderedAt))
  for (const field of TEXT_FIELDS) compare(field, String(before[field]), String(after[field]))
  compare('billing', addressLine(before.billing), addressLine(after.billing))
  compare('shipping', addressLine(before.shipping), addressLine(after.shipping))
  compare('taxes', before.taxes.map(taxLine).join('、'), after.taxes.map(taxLine).join('、'))
  return [...changes, ...lineChanges(before.lines, after.lines)]
}

/** `出荷済み/注文数` over all lines that can be shipped. */
export function shippedOf(lines: readonly Pick<ImportedLine, 'amount' | 'shippedAmount' | 'downloadable'>[]): string {
  const shippable = lines.filter((line) => !line.downloadable)
  return `${shippable.reduce((sum, line) => sum + line.shippedAmount, 0)}/${shippable.reduce((sum, line) => sum + line.amount, 0)}`
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

function lineChanges(before: readonly OrderLine[], after: readonly ImportedLine[]): FieldChange[] {
  const old = new Map(before.map((line) => [line.itemId, lineText(line)]))
  const now = new Map(after.map((line) => [line.itemId, lineText(line)]))
  const itemIds = [...new Set([...old.keys(), ...now.keys()])]
  return itemIds
    .filter((itemId) => old.get(itemId) !== now.get(itemId))
    .map((itemId) => change('line', old.get(itemId) ?? '', now.get(itemId) ?? ''))
}

function lineText(line: ImportedLine): string {
  const options = line.options.map(({ name, value }) => `${name}:${value}`).join(' ')
  const price = (line.subtotalCents / 100).toFixed(line.subtotalCents % 100 === 0 ? 0 : 2)
  return [line.productCode, line.name, options && `（${options}）`, `× ${line.amount}`, `${price}円`]
    .filter((part) => part !== '')
    .join(' ')
}

const taxLine = (tax: StoredTax) => `${tax.name} ${(tax.cents / 100).toFixed(tax.cents % 100 === 0 ? 0 : 2)}円`
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
