import {
  below,
  cents,
  centsOrNone,
  entries,
  entriesOrNone,
  type Fields,
  flag,
  integerFrom,
  integerOrNone,
  isAbsent,
  isDigits,
  record,
  recordOrEmpty,
  text,
  wrongShape,
} from './read.ts'

/** One postal address of an order. In the Japanese edition `firstname` is the family name (cs-cart-api.md 6). */
export type CsCartAddress = {
  firstname: string
  lastname: string
  postalCode: string
  country: string
  state: string
  city: string
  address1: string
  address2: string
  phone: string
}

export type CsCartLine = {
  itemId: string
  productId: string
  productCode: string
  name: string
  options: { name: string; value: string }[]
  amount: number
  unitPriceCents: number
  subtotalCents: number
  groupKey: number
  downloadable: boolean
  shippedAmount: number
  remainingAmount: number
}

export type ShippingGroup = {
  groupKey: number
  /** undefined where CS-Cart names none: no shipment can be registered then. */
  shippingId: number | undefined
  name: string
  carrierModule: string | undefined
  /** お届け日 as CS-Cart's text; '' where the customer chose none. */
  deliveryDate: string
  /** お届け時間帯, likewise. */
  deliverySlot: string
}

export type CsCartTax = { name: string; rate: string; included: boolean; cents: number }

/** The billing (`b_`) or shipping (`s_`) address. */
export function addressOf(order: Fields, prefix: 'b_' | 's_'): CsCartAddress {
  return {
    firstname: text(order, `${prefix}firstname`, ''),
    lastname: text(order, `${prefix}lastname`, ''),
    postalCode: text(order, `${prefix}zipcode`, ''),
    country: text(order, `${prefix}country`, ''),
    state: text(order, `${prefix}state`, ''),
    city: text(order, `${prefix}city`, ''),
    address1: text(order, `${prefix}address`, ''),
    address2: text(order, `${prefix}address_2`, ''),
    phone: text(order, `${prefix}phone`, ''),
  }
}

/** Profile fields by number. What an add-on keeps there as a structure is no text of ours and is left out. */
export function fieldsOf(value: unknown): Record<string, string> {
  const fields: Record<string, string> = {}
  const given = recordOrEmpty(value, 'fields')
  for (const key of Object.keys(given)) {
    if (isDigits(key) && (given[key] === null || typeof given[key] !== 'object')) {
      fields[key] = given[key] === true ? 'Y' : text(given, key, 'fields')
    }
  }
  return fields
}

/** Every line of `products`, sorted by item id: the shop's own order is lost on the way. */
export function linesOf(value: unknown): CsCartLine[] {
  const lines = entries(value, 'products').map(([key, line]) => lineOf(line, key, Array.isArray(value)))
  lines.sort((a, b) => a.itemId.length - b.itemId.length || (a.itemId < b.itemId ? -1 : 1))
  const twice = lines.find((line, index) => line.itemId === lines[index + 1]?.itemId)
  if (twice) throw wrongShape(`products.${twice.itemId}`)
  return lines
}

function lineOf(value: unknown, key: string, inList: boolean): CsCartLine {
  const path = `products.${key}`
  const line = record(value, path)
  const itemId = text(line, 'item_id', path) || (inList ? '' : key)
  if (!isDigits(itemId) || (!inList && itemId !== key)) throw wrongShape(`${path}.item_id`)
  const extra = recordOrEmpty(line.extra, `${path}.extra`)
  const amount = integerFrom(0, line, 'amount', path)
  const unitPriceCents = cents(line, 'price', path)
  const shippedAmount = integerOrNone(line, 'shipped_amount', path) ?? 0
  if (shippedAmount < 0) throw wrongShape(`${path}.shipped_amount`)
  const remaining = integerOrNone(line, 'shipment_amount', path) ?? amount - shippedAmount
  const subtotalCents = centsOrNone(line, 'subtotal', path) ?? unitPriceCents * amount
  if (!Number.isSafeInteger(subtotalCents)) throw wrongShape(`${path}.subtotal`)
  return {
    itemId,
    productId: text(line, 'product_id', path),
    productCode: text(line, 'product_code', path),
    name: text(line, 'product', path) || text(extra, 'product', `${path}.extra`),
    options: optionsOf(extra, path),
    amount,
    unitPriceCents,
    subtotalCents,
    groupKey: groupKeyOf(extra, `${path}.extra`) ?? 0,
    downloadable: flag(extra.is_edp) && !flag(extra.edp_shipping),
    shippedAmount,
    // Less than nothing remains where staff lowered the amount after it was shipped.
    remainingAmount: Math.max(0, remaining),
  }
}

/** What the customer chose or typed, as the shop shows it. Top-level options are not in the API's answer (5.1). */
function optionsOf(extra: Fields, linePath: string): { name: string; value: string }[] {
  if (isAbsent(extra.product_options_value)) return []
  const path = `${linePath}.extra.product_options_value`
  return entries(extra.product_options_value, path).map(([key, value]) => {
    const optionPath = below(path, key)
    const option = record(value, optionPath)
    return {
      name: text(option, 'option_name', optionPath),
      value: text(option, 'variant_name', optionPath) || text(option, 'value', optionPath),
    }
  })
}

function groupKeyOf(from: Fields, path: string): number | undefined {
  const found = integerOrNone(from, 'group_key', path)
  if (found !== undefined && found < 0) throw wrongShape(`${path}.group_key`)
  return found
}

const NOT_CHOSEN = '指定なし'

/** The shipping groups. An element that holds nothing but the `need_shipment` mark is no group (5.2). */
export function groupsOf(value: unknown): ShippingGroup[] {
  const groups: ShippingGroup[] = []
  for (const [key, element] of entriesOrNone(value, 'shipping')) {
    const path = `shipping.${key}`
    const group = record(element, path)
    if (Object.keys(group).every((name) => name === 'need_shipment')) continue
    groups.push(groupOf(group, path, key, Array.isArray(value)))
  }
  return groups
}

function groupOf(group: Fields, path: string, key: string, inList: boolean): ShippingGroup {
  const named = 'shipping_id' in group
  // Orders migrated from old versions have an object keyed by shipping id, without the id inside.
  const shippingId = named || inList ? integerOrNone(group, 'shipping_id', path) : Number(isDigits(key) ? key : 0)
  if (shippingId !== undefined && (shippingId < 0 || !Number.isSafeInteger(shippingId))) {
    throw wrongShape(`${path}.shipping_id`)
  }
  return {
    groupKey: groupKeyOf(group, path) ?? (named && isDigits(key) ? Number(key) : 0),
    shippingId: shippingId || undefined,
    name: text(group, 'shipping', path),
    carrierModule: text(group, 'module', path) || undefined,
    deliveryDate: chosen(text(group, 'delivery_date', path)),
    deliverySlot: chosen(text(group, 'delivery_timing', path)),
  }
}

function chosen(value: string): string {
  return value === NOT_CHOSEN ? '' : value
}

export function taxesOf(value: unknown): CsCartTax[] {
  return entriesOrNone(value, 'taxes').map(([key, element]) => {
    const path = `taxes.${key}`
    const tax = record(element, path)
    return {
      name: text(tax, 'description', path),
      rate: text(tax, 'rate_value', path),
      included: flag(tax.price_includes_tax),
      cents: centsOrNone(tax, 'tax_subtotal', path) ?? 0,
    }
  })
}

/** Ids of the order's shipments: a list in truth, text with commas by the documentation. */
export function shipmentIdsOf(value: unknown): number[] {
  const list = typeof value === 'string' && value !== '' ? value.split(',') : value
  return entriesOrNone(list, 'shipment_ids').map(([key, id]) => integerFrom(1, { [key]: id }, key, 'shipment_ids'))
}
