/** What an export will write for one order: decided from a live read, shown, stored, and executed as it was shown. */
import * as v from 'valibot'
import type { CsCartShipment } from '../cscart/lists.ts'
import type { CsCartOrder } from '../cscart/payloads.ts'
import { CARRIERS } from '../orders/carriers.ts'
import type { Order } from '../orders/order.ts'
import { numbersOf } from '../orders/tracking.ts'

/** A whole number that JSON keeps exactly. */
const whole = v.pipe(v.number(), v.safeInteger())
const amounts = v.record(v.string(), whole)

/** One shipment as it was seen in the shop. */
const seenShipment = v.object({
  id: whole,
  number: v.string(),
  carrier: v.string(),
  status: v.string(),
  comments: v.string(),
  lines: amounts,
})
export type SeenShipment = v.InferOutput<typeof seenShipment>

/** What the shop had of an order when it was looked at. Two equal sights mean that nothing relevant changed between them. */
const sight = v.object({
  status: v.string(),
  /** item_id, ordered amount, shipped amount; by item_id. */
  lines: v.array(v.tuple([v.string(), whole, whole])),
  /** By id. */
  shipments: v.array(seenShipment),
})
export type Sight = v.InferOutput<typeof sight>

/** Our side of an order as the plan was made from it. */
const ourSide = v.object({
  version: whole,
  contentHash: v.string(),
  /** What else staff say of its leaving: status and ship date. Missing in plans of older versions. */
  leaving: v.optional(v.string()),
  /** An earlier export of the order was confirmed. */
  writtenBefore: v.optional(v.boolean()),
  /** '' where the order has no carrier, or the shop no code for it. */
  carrierCode: v.string(),
  /** Normalised slip numbers; the first goes in the shipment, the others in its comment. */
  numbers: v.array(v.string()),
})
export type OurSide = v.InferOutput<typeof ourSide>

/** What PUT changes in a shipment: only what differs. */
const shipmentChange = v.object({
  trackingNumber: v.optional(v.string()),
  comments: v.optional(v.string()),
  status: v.optional(v.literal('S')),
})
export type ShipmentChange = v.InferOutput<typeof shipmentChange>

/** One parcel = one shipping group of the order. */
const plannedParcel = v.object({
  groupKey: whole,
  /**
   * `create` POST a new shipment; `adopt` it is there, as wanted; `correct` it is there and differs in what PUT can change;
   * `nothing` everything of this group left with somebody else's number, the rest of the order is ours.
   */
  action: v.picklist(['create', 'adopt', 'correct', 'nothing']),
  /** For `create`; 0 otherwise. */
  shippingId: whole,
  /** item_id to amount: what remains (create), or what the shipment holds. */
  lines: amounts,
  carrierCode: v.string(),
  trackingNumber: v.string(),
  comment: v.string(),
  /** The shipment that is adopted or corrected. */
  shipmentId: v.optional(whole),
  change: v.optional(shipmentChange),
})
export type PlannedParcel = v.InferOutput<typeof plannedParcel>

/** The form in which a plan's row is stored. */
const plannedOrder = v.object({
  ours: ourSide,
  /** Missing: not looked at yet, or not in the shop. */
  sight: v.optional(sight),
  parcels: v.array(plannedParcel),
  /** CS-Cart status now and then. */
  statusNow: v.string(),
  statusWill: v.string(),
  /** The shop mails on status changes only (no `updated_at` in its orders), see mails.ts. */
  mailsOnStatusOnly: v.boolean(),
  /** For an order that cannot be written: what exactly stands in the way, in Japanese. */
  detail: v.optional(v.string()),
})
export type PlannedOrder = v.InferOutput<typeof plannedOrder>

/**
 * A plan's row as it was stored.
 * @throws where something else was stored
 */
export const readPlannedOrder = (stored: unknown): PlannedOrder => v.parse(plannedOrder, stored)

/** A plan's row for an order that has not been looked at yet. */
export function waiting(ours: OurSide): PlannedOrder {
  return { ours, parcels: [], statusNow: '', statusWill: '', mailsOnStatusOnly: false }
}

/**
 * Our side of an order in a shop.
 * @param carrierCodes our carrier id to the shop's code
 */
export function ourSideOf(
  order: Pick<Order, 'version' | 'contentHash' | 'statusId' | 'shipDate' | 'carrier' | 'trackingNumber' | 'exportedAs'>,
  carrierCodes: Readonly<Record<string, string>>,
): OurSide {
  return {
    version: order.version,
    contentHash: order.contentHash,
    writtenBefore: order.exportedAs !== null,
    leaving: `${order.statusId}|${order.shipDate ?? ''}`,
    carrierCode: carrierCodeOf(order.carrier, carrierCodes),
    numbers: numbersOf(order.trackingNumber),
  }
}

/** The shop's code for a carrier of ours: as set for the shop, else the Japanese edition's own; '' where there is none. */
function carrierCodeOf(carrier: string | null, carrierCodes: Readonly<Record<string, string>>): string {
  if (carrier === null) return ''
  return carrierCodes[carrier] || (CARRIERS.find((one) => one.id === carrier)?.code ?? '')
}

/** Whether staff (or the shop's settings) changed what is to be written since the plan was made; a memo is none of it. */
export function oursChanged(planned: OurSide, now: OurSide): boolean {
  return (
    (planned.leaving === undefined ? planned.version !== now.version : planned.leaving !== now.leaving) ||
    planned.carrierCode !== now.carrierCode ||
    planned.numbers.join(' ') !== now.numbers.join(' ')
  )
}

/** Slip numbers are compared without hyphens, spaces and what nobody sees, and half-width. */
export function plainNumber(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{Cf}\u002d\u2010-\u2015\u2212\u30fc]/gu, '')
}

/** Reduces a live read to what a plan rests on. */
export function sightOf(order: CsCartOrder, shipments: readonly CsCartShipment[]): Sight {
  return {
    status: order.status,
    lines: order.lines
      .map((line): [string, number, number] => [line.itemId, line.amount, line.shippedAmount])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    shipments: shipments
      .map((shipment) => ({
        id: shipment.shipmentId,
        number: shipment.trackingNumber,
        carrier: shipment.carrier,
        status: shipment.status,
        comments: shipment.comments,
        lines: sortedLines(shipment.lines),
      }))
      .sort((a, b) => a.id - b.id),
  }
}

/** The same amounts with their keys in one order, so that they compare as text. */
export function sortedLines(lines: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(lines).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Whether the shop has changed since the plan was shown.
 * @param begun an earlier attempt of ours has written (or may have written) parts of this plan: what then looks exactly like
 *   our own doing is no change
 */
export function changedSince(planned: PlannedOrder, now: Sight, begun: boolean): boolean {
  const { sight: seen } = planned
  if (!seen) return true
  if (same(seen, now)) return false
  // An order without a parcel of ours leaves no trace of a begun attempt except its status.
  const onlyStatus = planned.parcels.every((parcel) => parcel.action === 'nothing')
  return begun || onlyStatus ? !same(seen, withoutOurs(planned, seen, now)) : true
}

const same = (a: Sight, b: Sight): boolean => JSON.stringify(a) === JSON.stringify(b)

/** `now` minus everything that this plan itself wrote. */
function withoutOurs(planned: PlannedOrder, seen: Sight, now: Sight): Sight {
  const before = new Map(seen.shipments.map((shipment) => [shipment.id, shipment]))
  const isOurs = (shipment: SeenShipment) =>
    !before.has(shipment.id) &&
    planned.parcels.some(
      (parcel) =>
        parcel.action === 'create' &&
        parcel.carrierCode === shipment.carrier &&
        plainNumber(parcel.trackingNumber) === plainNumber(shipment.number) &&
        JSON.stringify(sortedLines(parcel.lines)) === JSON.stringify(shipment.lines),
    )
  const ours = now.shipments.filter(isOurs)
  const shippedByUs = (itemId: string) => ours.reduce((sum, shipment) => sum + (shipment.lines[itemId] ?? 0), 0)
  return {
    status: now.status === planned.statusWill ? seen.status : now.status,
    lines: now.lines.map(([itemId, amount, shipped]) => [itemId, amount, shipped - shippedByUs(itemId)]),
    shipments: now.shipments
      .filter((shipment) => !isOurs(shipment))
      .map((shipment) => beforeCorrection(planned, before.get(shipment.id), shipment)),
  }
}

function beforeCorrection(planned: PlannedOrder, before: SeenShipment | undefined, now: SeenShipment): SeenShipment {
  const change = planned.parcels.find((parcel) => parcel.shipmentId === now.id)?.change
  if (!before || !change) return now
  return {
    ...now,
    number: now.number === change.trackingNumber ? before.number : now.number,
    comments: now.comments === change.comments ? before.comments : now.comments,
    status: now.status === change.status ? before.status : now.status,
  }
}
