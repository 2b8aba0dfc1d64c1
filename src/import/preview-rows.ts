import type { CsCartOrder } from '../cscart/payloads.ts'
import { formatDateTime } from '../period.ts'
import type { Shop } from '../shops/shop.ts'
import { importedOrder, type MappingSettings, proposedCarrier } from './from-cscart.ts'

/**
 * One order as it would be stored, as label and text: what 「接続テスト」 shows of the shop's newest order, so that a
 * person sees whether names, kana and carrier are read as this shop means them.
 */
export function previewRows(
  order: CsCartOrder,
  settings: MappingSettings & Pick<Shop, 'id'>,
  show: {
    timeZone: string
    statusName: (letter: string) => string
    carrierName: (id: string) => string | undefined
    yen: (cents: number) => string
  },
): { label: string; value: string }[] {
  const stored = importedOrder(order, settings, '')
  const { shipping } = stored
  const carrier = proposedCarrier(order, settings)
  const kana = [stored.buyerKana, shipping.kana].filter(Boolean).join(' / ')
  return [
    { label: '注文番号', value: String(stored.csCartOrderId) },
    { label: '受注日時', value: formatDateTime(stored.orderedAt, show.timeZone) },
    { label: 'CS-CARTステータス', value: show.statusName(stored.csCartStatus) },
    { label: '購入者', value: stored.buyerName },
    { label: 'フリガナ', value: kana },
    { label: 'お届け先', value: shipping.name },
    { label: '郵便番号', value: shipping.postalCode },
    { label: '住所', value: [shipping.prefecture, shipping.city, shipping.address1, shipping.address2].join('') },
    { label: '電話番号', value: stored.phone },
    { label: 'メールアドレス', value: stored.email },
    { label: 'お届け日', value: [stored.deliveryDate, stored.deliverySlot].filter(Boolean).join(' ') },
    { label: '支払方法', value: stored.paymentMethod },
    { label: '配送方法', value: stored.shippingMethod },
    { label: '配送業者', value: (carrier && show.carrierName(carrier)) ?? '' },
    { label: '商品', value: stored.lines.map((line) => `${line.name} × ${line.amount}`).join('、') },
    { label: '合計', value: show.yen(stored.totalCents) },
  ]
}
