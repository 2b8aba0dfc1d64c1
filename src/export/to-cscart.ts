/** From our order and what the shop has of it to what is to be written. */
import type { CsCartShipment } from '../cscart/lists.ts'
import type { CsCartOrder } from '../cscart/payloads.ts'
import { CANCELLED_LETTERS } from '../cscart/statuses.ts'
import type { OrderFailureReason } from '../failures.ts'
import type { Shop } from '../shops/shop.ts'
import {
  type OurSide,
  type PlannedOrder,
  type PlannedParcel,
  plainNumber,
  type ShipmentChange,
  sightOf,
  sortedLines,
  waiting,
} from './plan.ts'

/** A parcel that an earlier export of ours wrote or began, as our own table remembers it. */
export type KnownParcel = {
  groupKey: number
  trackingNumber: string
  carrierCode: string
  comment: string
  shipmentId: number | null
}

/** What of a shop's settings and abilities a plan rests on. */
export type ShopRules = {
  /** Whether the shop takes PUT /shipments; undefined: not known yet, so it is tried. */
  canPut: boolean | undefined
  /** CS-CART取得ステータス: an order in one of them has not left yet. */
  fetchStatuses: readonly string[]
}

export const rulesOf = ({ capabilities, fetchStatuses }: Pick<Shop, 'capabilities' | 'fetchStatuses'>): ShopRules => ({
  canPut: capabilities.putShipment,
  fetchStatuses,
})

/** The shop's side, read live. `order` is undefined where the shop does not know it (any more). */
export type LiveOrder = { order: CsCartOrder | undefined; shipments: CsCartShipment[] }

/** What one order needs, or why it cannot be written. `planned` tells in both cases what was seen. */
export type Planning =
  | { ok: true; planned: PlannedOrder }
  | { ok: false; reason: OrderFailureReason; planned: PlannedOrder }

/** The CS-Cart status of a shipped order and the shipment status of a parcel that has left, cs-cart-api.md 8. */
export const SHIPPED_ORDER = 'C'
export const SHIPPED_PARCEL = 'S'

type Refusal = { reason: OrderFailureReason; detail?: string }
type Group = { key: number; items: Set<string>; remaining: Record<string, number>; shipments: CsCartShipment[] }

/**
 * Decides what an export writes for one order.
 * @param ours our side; an empty carrierCode means that the order's carrier has no code in this shop
 * @param known parcels of earlier exports of this order
 */
export function planOrder(ours: OurSide, live: LiveOrder, known: readonly KnownParcel[], rules: ShopRules): Planning {
  const { order, shipments } = live
  if (!order) return { ok: false, reason: 'not_in_shop', planned: waiting(ours) }
  const planned: PlannedOrder = {
    ours,
    sight: sightOf(order, shipments),
    parcels: [],
    statusNow: order.status,
    statusWill: hasMovedOn(order, ours, rules) ? order.status : SHIPPED_ORDER,
    mailsOnStatusOnly: !order.knowsUpdatedAt,
  }
  const refuse = ({ reason, detail }: Refusal): Planning => ({
    ok: false,
    reason,
    planned: { ...planned, statusWill: order.status, detail },
  })
  if (CANCELLED_LETTERS.includes(order.status)) return refuse({ reason: 'cancelled_in_cs_cart' })
  if (ours.carrierCode === '') return refuse({ reason: 'carrier_missing' })

  const decided = groupsOf(order, shipments).map((group) => planParcel(ours, order, group, known, rules.canPut))
  const refusal = decided.find((one) => 'reason' in one)
  if (refusal && 'reason' in refusal) return refuse(refusal)
  const parcels = decided.filter((one) => 'action' in one)
  const stray = parcels.some(({ action }) => action === 'create') ? strayOf(ours, live, known) : undefined
  if (stray) {
    return refuse({
      reason: 'shipment_of_other_lines',
      detail: `CS-Cartの配送 #${stray.shipmentId}（伝票番号 ${stray.trackingNumber}）`,
    })
  }
  // Everything left with other numbers: nothing of ours is in the shop, so nothing may be called written.
  if (parcels.length > 0 && parcels.every((parcel) => parcel.action === 'nothing')) {
    if (shipments.length === 0) return refuse({ reason: 'nothing_left_to_ship' })
    const others = shipments.map((shipment) => `#${shipment.shipmentId}（${shipment.trackingNumber || '番号なし'}）`)
    return refuse({ reason: 'shipped_with_other_number', detail: `CS-Cartの配送: ${others.join('、')}` })
  }
  return { ok: true, planned: { ...planned, parcels } }
}

/** Shipped by us before, and the shop has given it a status of its own since (such as 受取完了): a corrected number takes none back. */
function hasMovedOn(order: CsCartOrder, ours: OurSide, { fetchStatuses }: ShopRules): boolean {
  return ours.writtenBefore === true && !fetchStatuses.includes(order.status)
}

/**
 * A shipment that is ours, by its number or by what we remember of it, and holds none of the order's present lines: an item has another
 * id as soon as its options are edited (cs-cart-api.md 5.1). Nothing may be shipped a second time beside it.
 */
function strayOf(ours: OurSide, { order, shipments }: LiveOrder, known: readonly KnownParcel[]) {
  const items = new Set(order?.lines.map((line) => line.itemId))
  const numbers = new Set([...ours.numbers, ...known.map((parcel) => parcel.trackingNumber)].map(plainNumber))
  return shipments.find(
    (shipment) =>
      !Object.keys(shipment.lines).some((item) => items.has(item)) &&
      (numbers.has(plainNumber(shipment.trackingNumber)) ||
        known.some((parcel) => parcel.shipmentId === shipment.shipmentId)),
  )
}

/**
 * The order's lines that can be shipped, by shipping group. What remains of a line is the smaller of what the order and what its
 * shipments say: the two are read one after the other, and a shipment may appear in between.
 */
function groupsOf(order: CsCartOrder, shipments: readonly CsCartShipment[]): Group[] {
  const groups = new Map<number, Group>()
  for (const line of order.lines) {
    if (line.downloadable) continue
    const group = groups.get(line.groupKey) ?? { key: line.groupKey, items: new Set(), remaining: {}, shipments: [] }
    groups.set(line.groupKey, group)
    group.items.add(line.itemId)
    const shipped = shipments.reduce((sum, shipment) => sum + (shipment.lines[line.itemId] ?? 0), 0)
    const remaining = Math.min(line.remainingAmount, line.amount - shipped)
    if (remaining > 0) group.remaining[line.itemId] = remaining
  }
  for (const shipment of shipments) {
    const items = Object.keys(shipment.lines)
    for (const group of groups.values()) if (items.some((item) => group.items.has(item))) group.shipments.push(shipment)
  }
  return [...groups.values()].sort((a, b) => a.key - b.key)
}

function planParcel(
  ours: OurSide,
  order: CsCartOrder,
  group: Group,
  known: readonly KnownParcel[],
  canPut: boolean | undefined,
): PlannedParcel | Refusal {
  const [number = '', ...others] = ours.numbers
  const wanted = {
    groupKey: group.key,
    shippingId: 0,
    carrierCode: ours.carrierCode,
    trackingNumber: number,
    comment: othersComment(others),
  }
  const before = known.find((parcel) => parcel.groupKey === group.key)
  const own = group.shipments.find((shipment) => before && isOwn(before, shipment))
  const remains = Object.keys(group.remaining).length > 0
  const sameNumber = group.shipments.filter((shipment) => plainNumber(shipment.trackingNumber) === plainNumber(number))
  const there = sameNumber.find((shipment) => shipment === own) ?? sameNumber[0] ?? own
  // A shipment with our number that took only some of the lines leaves the rest to be shipped under the same number.
  const restIsLeft = remains && plainNumber(there?.trackingNumber ?? '') === plainNumber(number)
  const halfDone = correctsOnlyPart(group, before, there, number, restIsLeft)
  if (halfDone) return halfDone
  if (there && !restIsLeft) {
    const change = differences(there, wanted.trackingNumber, wanted.comment, others, before?.comment)
    return keep(there, change)
  }
  if (!remains) return { ...wanted, action: 'nothing', lines: {} }
  const shippingId = order.groups.find((candidate) => candidate.groupKey === group.key)?.shippingId
  if (shippingId === undefined) return { reason: 'no_shipping_method' }
  return { ...wanted, action: 'create', shippingId, lines: sortedLines(group.remaining) }

  function keep(shipment: CsCartShipment, change: ShipmentChange | undefined): PlannedParcel | Refusal {
    if (shipment.carrier !== ours.carrierCode) {
      return { reason: 'cannot_change_carrier', detail: byHand(shipment, change, ours.carrierCode) }
    }
    if (change && canPut === false) {
      return { reason: 'cannot_update_shipment', detail: byHand(shipment, change) }
    }
    return {
      ...wanted,
      action: change ? 'correct' : 'adopt',
      lines: sortedLines(shipment.lines),
      shipmentId: shipment.shipmentId,
      change,
    }
  }
}

/**
 * A number that staff corrected reaches one shipment by PUT. Where others have the old number too, or where goods are left that
 * nobody shipped, the customer would be told half of it and the order be called confirmed: a person puts that right.
 */
function correctsOnlyPart(
  group: Group,
  before: KnownParcel | undefined,
  there: CsCartShipment | undefined,
  number: string,
  restIsLeft: boolean,
): Refusal | undefined {
  const has = (shipment: CsCartShipment, wanted: string) => plainNumber(shipment.trackingNumber) === plainNumber(wanted)
  const left = Object.values(group.remaining).reduce((sum, amount) => sum + amount, 0)
  const outdated = group.shipments.filter(
    (shipment) => shipment === there || (before !== undefined && has(shipment, before.trackingNumber)),
  )
  const wrong = outdated.filter((shipment) => !has(shipment, number))
  if (wrong.length === 0 || (wrong.length === 1 && wrong[0] === there && left === 0)) return undefined
  const steps = wrong.map((shipment) => byHand(shipment, { trackingNumber: number }))
  if (left > 0 && !restIsLeft) steps.push(`残りの商品 ${left}点を、伝票番号「${number}」で配送登録してください。`)
  return { reason: 'several_shipments', detail: steps.join(' ') }
}

function isOwn(before: KnownParcel, shipment: CsCartShipment): boolean {
  if (before.shipmentId !== null) return shipment.shipmentId === before.shipmentId
  // Begun, and the answer with the id was lost.
  return (
    shipment.carrier === before.carrierCode &&
    plainNumber(shipment.trackingNumber) === plainNumber(before.trackingNumber)
  )
}

/** How the further slip numbers of an order stand in a shipment's comment, which the customer can read. */
export function othersComment(others: readonly string[]): string {
  return others.length === 0 ? '' : `他の伝票番号: ${others.join('、')}`
}

/** What PUT would have to change in a shipment that is there; undefined where it is right as it is. */
function differences(
  shipment: CsCartShipment,
  number: string,
  comment: string,
  others: readonly string[],
  writtenBefore: string | undefined,
): ShipmentChange | undefined {
  const change: ShipmentChange = {}
  if (plainNumber(shipment.trackingNumber) !== plainNumber(number)) change.trackingNumber = number
  // A comment that a person wrote stays as long as it names the other numbers; our own of before is brought up to date.
  const told = plainNumber(shipment.comments)
  const outdated = shipment.comments !== '' && shipment.comments === writtenBefore && shipment.comments !== comment
  if (outdated || others.some((other) => !told.includes(plainNumber(other)))) change.comments = comment
  if (shipment.status !== SHIPPED_PARCEL) change.status = SHIPPED_PARCEL
  return Object.keys(change).length > 0 ? change : undefined
}

/** What a person changes in CS-Cart's own admin, in words that name the shipment and both values. */
export function byHand(
  shipment: { shipmentId: number; trackingNumber: string; carrier: string },
  change: ShipmentChange | undefined,
  carrierCode?: string,
): string {
  const steps = []
  if (change?.trackingNumber !== undefined) {
    steps.push(`伝票番号を「${shipment.trackingNumber}」から「${change.trackingNumber}」に`)
  }
  if (carrierCode !== undefined) {
    steps.push(`配送業者を「${shipment.carrier || '（なし）'}」から「${carrierCode}」に`)
  }
  if (change?.comments !== undefined) {
    steps.push(change.comments === '' ? 'コメントを空に' : `コメントを「${change.comments}」に`)
  }
  if (change?.status !== undefined) steps.push('配送ステータスを「配送済み」に')
  return `CS-Cartの配送 #${shipment.shipmentId}（伝票番号 ${shipment.trackingNumber || 'なし'}）の${steps.join('、')}直してください。`
}
