import { hash } from 'node:crypto'
import { type CsCartAddress, type CsCartOrder, parseOrder } from '../cscart/payloads.ts'
import type { StoredAddress } from '../db/schema.ts'
import { carrierOfModule } from '../orders/carriers.ts'
import { contentHashOf, jsonColumns } from '../orders/content-hash.ts'
import type { ImportedOrder } from '../orders/order.ts'
import type { Shop } from '../shops/shop.ts'

/** The settings of a shop that decide how its orders are read. */
export type MappingSettings = Pick<Shop, 'nameOrder' | 'kanaFields' | 'carrierCodes'>

/**
 * The rules by which answers are read. To be counted up whenever reading one gives something else than before, so that what is
 * stored already is read again; a test of example answers says when that is.
 */
export const READING = 1

const readings = new WeakMap<MappingSettings, string>()

/** By which rules and settings an answer of this shop is read, as a short text: where both are as before, it gives the same order. */
export function readingOf(shop: MappingSettings): string {
  const known = readings.get(shop)
  if (known !== undefined) return known
  const settings = JSON.stringify([shop.nameOrder, Object.entries(shop.kanaFields).sort()])
  const reading = `${READING}.${hash('sha1', settings, 'base64').slice(0, 8)}`
  readings.set(shop, reading)
  return reading
}

/**
 * One order of CS-Cart as it is stored here. Texts stay as CS-Cart has them, entities too: what a label needs is made
 * when the label is made.
 * @param raw CS-Cart's own answer, kept beside it
 */
export function importedOrder(
  order: CsCartOrder,
  shop: MappingSettings & Pick<Shop, 'id'>,
  raw: string,
): ImportedOrder {
  const { kanaFields } = shop
  const nameOf = (who: { firstname: string; lastname: string }) => personName(who, shop.nameOrder)
  const kanaOf = (ids: readonly [string, string]) => joined([order.fields[ids[0]], order.fields[ids[1]]], ' ')
  const buyerName = nameOf(order) || nameOf(order.billing)
  const buyerKana = kanaOf(kanaFields.contact) || kanaOf(kanaFields.billing)
  const phone = order.shippingAddress.phone || order.billing.phone || order.phone
  const shipping = storedAddress(order.shippingAddress, {
    name: nameOf(order.shippingAddress) || buyerName,
    kana: kanaOf(kanaFields.shipping),
    phone,
  })
  const billing = storedAddress(order.billing, {
    name: nameOf(order.billing) || buyerName,
    kana: kanaOf(kanaFields.billing),
    phone: order.billing.phone || order.phone,
  })
  return {
    shopId: shop.id,
    csCartOrderId: order.orderId,
    csCartStatus: order.status,
    orderedAt: order.orderedAt,
    csCartUpdatedAt: order.updatedAt ?? null,
    buyerName,
    buyerKana,
    company: order.company,
    email: order.email,
    phone,
    billing,
    shipping,
    paymentMethod: order.paymentMethod,
    shippingMethod: distinct(order.groups.map((group) => group.name)),
    deliveryDate: distinct(order.groups.map((group) => group.deliveryDate)),
    deliverySlot: distinct(order.groups.map((group) => group.deliverySlot)),
    customerNotes: order.notes,
    staffNotes: order.details,
    totalCents: order.totalCents,
    subtotalCents: order.subtotalCents,
    shippingCents: order.shippingCents,
    discountCents: order.discountCents,
    surchargeCents: order.surchargeCents,
    taxes: order.taxes,
    lines: order.lines.map(({ remainingAmount: _, ...line }) => line),
    raw,
    readBy: readingOf(shop),
  }
}

/**
 * The carrier of ours that CS-Cart's shipping method names, for the moment in which an order is stored for the first time.
 * @returns undefined where no group names one that is known
 */
export function proposedCarrier(order: CsCartOrder, { carrierCodes }: MappingSettings): string | undefined {
  for (const { carrierModule } of order.groups) {
    if (carrierModule === undefined || carrierModule === '') continue
    const own = Object.entries(carrierCodes).find(([, code]) => code === carrierModule)?.[0]
    const carrier = own ?? carrierOfModule(carrierModule)
    if (carrier !== undefined) return carrier
  }
  return undefined
}

/** Family name first, as Japanese labels want it, whichever of the two CS-Cart calls `firstname`. */
function personName(who: { firstname: string; lastname: string }, order: Shop['nameOrder']): string {
  return joined(order === 'family_first' ? [who.firstname, who.lastname] : [who.lastname, who.firstname], ' ')
}

/**
 * The content hash that a stored answer gives by today's rules and settings; undefined where it can no longer be read.
 * @param raw JSON text of one order, as CS-Cart answered
 */
export function rereadHash(raw: string, shop: MappingSettings & Pick<Shop, 'id'>): string | undefined {
  try {
    const order = importedOrder(parseOrder(JSON.parse(raw)), shop, raw)
    return contentHashOf(order, jsonColumns(order))
  } catch {
    return undefined
  }
}

function storedAddress(address: CsCartAddress, who: Pick<StoredAddress, 'name' | 'kana' | 'phone'>): StoredAddress {
  return {
    name: who.name,
    kana: who.kana,
    postalCode: address.postalCode,
    country: address.country,
    prefecture: address.state,
    city: address.city,
    address1: address.address1,
    address2: address.address2,
    phone: who.phone,
  }
}

/** Several shipping groups may say different things: each once. */
const distinct = (texts: string[]): string => joined([...new Set(texts)], ' / ')

const joined = (texts: (string | undefined)[], by: string): string =>
  texts
    .map((text) => text?.trim())
    .filter((text) => text)
    .join(by)
