/** A planned order as people read it: what CS-Cart has now, and what it will have. */
import { statusName } from '../cscart/statuses.ts'
import { carrierNameOfCode } from '../orders/carriers.ts'
import type { PlannedOrder, PlannedParcel, SeenShipment } from './plan.ts'

/** A shop's own status names: `[letter, name]`, as shops.known_statuses holds them. */
export type KnownStatuses = readonly (readonly [string, string])[]

/** `支払い確認済み（P）` */
export function statusInWords(letter: string, known: KnownStatuses = []): string {
  const names = known.map(([knownLetter, name]) => ({ letter: knownLetter, name }))
  return `${statusName(letter, names)}（${letter}）`
}

/** What a shop calls things: its own status names, and our carrier ids with its codes for them. */
export type ShopWords = { knownStatuses?: KnownStatuses; carrierCodes?: Readonly<Record<string, string>> }

const pieces = (lines: Record<string, number>) => `${Object.values(lines).reduce((sum, amount) => sum + amount, 0)}点`

function shipmentInWords(shipment: SeenShipment, codes: Readonly<Record<string, string>>): string {
  const carrier = shipment.carrier === '' ? '配送業者なし' : carrierNameOfCode(shipment.carrier, codes)
  return `配送 #${shipment.id}: ${carrier} ${shipment.number || '伝票番号なし'}（${pieces(shipment.lines)}）`
}

function parcelInWords(parcel: PlannedParcel, codes: Readonly<Record<string, string>>): string[] {
  if (parcel.action === 'nothing') return []
  if (parcel.action === 'adopt') return [`登録済みの配送 #${parcel.shipmentId} を引き継ぐ`]
  if (parcel.action === 'create') {
    const comment = parcel.comment === '' ? '' : `、コメント「${parcel.comment}」`
    const what = `${carrierNameOfCode(parcel.carrierCode, codes)} ${parcel.trackingNumber}`
    return [`配送を登録: ${what}（${pieces(parcel.lines)}${comment}）`]
  }
  const { trackingNumber, comments, status } = parcel.change ?? {}
  return [
    ...(trackingNumber === undefined ? [] : [`配送 #${parcel.shipmentId} の伝票番号を ${trackingNumber} に直す`]),
    ...(comments === undefined ? [] : [`配送 #${parcel.shipmentId} のコメントを「${comments}」に直す`]),
    ...(status === undefined ? [] : [`配送 #${parcel.shipmentId} の配送ステータスを「配送済み」にする`]),
  ]
}

/** Both sides, one line for each thing. */
export function inWords(planned: PlannedOrder, shop: ShopWords = {}): { now: string[]; will: string[] } {
  const { sight } = planned
  const { knownStatuses: known = [], carrierCodes: codes = {} } = shop
  const now = sight
    ? [statusInWords(sight.status, known), ...sight.shipments.map((one) => shipmentInWords(one, codes))]
    : []
  if (sight && sight.shipments.length === 0) now.push('配送の登録なし')
  const status =
    planned.statusNow === planned.statusWill
      ? []
      : [`受注ステータスを「${statusInWords(planned.statusWill, known)}」に`]
  const will = [...planned.parcels.flatMap((parcel) => parcelInWords(parcel, codes)), ...status]
  return { now, will: will.length > 0 ? will : ['書き込むものはありません（確認のみ）'] }
}
