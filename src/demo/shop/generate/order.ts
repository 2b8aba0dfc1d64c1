import { crc32 } from 'node:zlib'
import { unix } from '../clock.ts'
import type {
  GroupDraft,
  Line,
  LineDraft,
  LineOption,
  OrderDraft,
  PaymentName,
  ShippingGroup,
  ShopOrder,
} from '../types.ts'
import { CHILLED, METHODS, NOTES, PAYMENTS, PRODUCTS, type Product, TIMINGS } from './catalogue.ts'
import { type Person, person } from './people.ts'
import { type Random, random } from './random.ts'

const PAYMENT_NAMES: readonly [PaymentName, ...PaymentName[]] = ['card', 'card', 'bank', 'cod', 'konbini']
const WEEKDAYS = '日月火水木金土'
const ZONE_SECONDS = 9 * 3600

/**
 * Makes up one order. The same seed, id and time give the same order.
 * @param time Unix seconds at which it was placed
 */
export function makeOrder(seed: number, id: number, time: number): ShopOrder {
  const chance = random(Math.imul(seed, 2_654_435_761) ^ Math.imul(id, 40_503))
  const buyer = person(chance)
  const receiver = chance.chance(0.2) ? person(chance) : buyer
  const payment = chance.pick(PAYMENT_NAMES)
  const chilledToo = chance.chance(0.12)
  const lines = makeLines(chance, chilledToo)
  const groups = makeGroups(chance, lines, time)
  const subtotal = sumOfLines(lines)
  const coupon = subtotal > 5000 && chance.chance(0.1) ? 'HARU500' : null
  const registered = chance.chance(0.6)
  return settle({
    id,
    status: 'P',
    timestamp: time,
    updatedAt: time,
    companyId: 1,
    storefrontId: 1,
    userId: registered ? chance.int(10, 4000) : 0,
    profileId: registered ? chance.int(10, 6000) : 0,
    isParent: false,
    parentOrderId: 0,
    firstname: buyer.firstname,
    lastname: buyer.lastname,
    company: chance.chance(0.08) ? '株式会社テスト&サンプル' : '',
    email: buyer.email,
    phone: chance.chance(0.3) ? buyer.address.phone : '',
    ipAddress: `192.0.2.${chance.int(1, 254)}`,
    langCode: 'ja',
    billing: buyer.address,
    shipping: receiver.address,
    kana: kanaOf(buyer, receiver),
    fields: {},
    notes: chance.chance(0.25) ? chance.pick(NOTES) : '',
    details: chance.chance(0.05) ? '要電話確認' : '',
    payment,
    paymentInfo: payment === 'card' ? { card_number: 'XXXXXXXXXXXX1234' } : {},
    lines,
    groups,
    shippingShape: groups.length === 0 ? 'absent' : 'list',
    surcharge: PAYMENTS[payment].surcharge,
    subtotalDiscount: coupon ? 500 : 0,
    coupon,
    pointsUsed: registered && subtotal > 3000 && chance.chance(0.15) ? chance.int(1, 20) * 10 : 0,
    total: 0,
    raw: {},
    rawRow: {},
  })
}

/** Lays a draft over an order; the total follows unless the draft names one. Nothing of the base is changed. */
export function applyDraft(base: ShopOrder, draft: OrderDraft): ShopOrder {
  const { timestamp, updatedAt, billing, shipping, kana, lines, groups, total, ...plain } = draft
  const order: ShopOrder = {
    ...base,
    ...given(plain),
    timestamp: timestamp === undefined ? base.timestamp : unix(timestamp),
    updatedAt: updatedAt === undefined ? base.updatedAt : unix(updatedAt),
    billing: { ...base.billing, ...billing },
    shipping: { ...base.shipping, ...shipping },
    kana: { ...base.kana, ...kana },
    lines: lines === undefined ? base.lines : lines.map(completeLine),
    groups: groups === undefined ? base.groups : groups.map(completeGroup),
  }
  return total === undefined ? settle(order) : { ...order, total }
}

/** Products, plus shipping and surcharge, less discounts and points. */
export function settle(order: ShopOrder): ShopOrder {
  const owed =
    sumOfLines(order.lines) + shippingCost(order) + order.surcharge - order.subtotalDiscount - order.pointsUsed
  return { ...order, total: Math.round(owed * 100) / 100 }
}

/** Unit price times amount over all lines. */
export function sumOfLines(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.price * line.amount, 0)
}

/** The rates of all shipping groups. */
export function shippingCost(order: ShopOrder): number {
  return order.groups.reduce((sum, group) => sum + group.rate, 0)
}

/** The same product with the same options has the same id in every order, as in the shop's carts. */
export function itemIdOf(productId: number, options: readonly LineOption[]): string {
  return String(crc32(`${productId}_${options.map((option) => `${option.optionId}:${option.value}`).join('_')}`))
}

function makeLines(chance: Random, chilledToo: boolean): Line[] {
  const wanted = chance.pick([1, 1, 1, 2, 2, 3, 4])
  const chosen = new Map<string, Line>()
  for (let count = 0; count < wanted; count += 1) {
    const product = chance.pick(PRODUCTS)
    if (product.chilled && !chilledToo) continue
    const line = lineOf(product, chance)
    chosen.set(line.itemId, line)
  }
  if (chosen.size === 0) {
    const line = lineOf(PRODUCTS[0], chance)
    chosen.set(line.itemId, line)
  }
  const lines = [...chosen.values()]
  const bothKinds = lines.some((line) => isChilled(line)) && lines.some((line) => !isChilled(line))
  return bothKinds ? lines.map((line) => ({ ...line, groupKey: isChilled(line) ? 1 : 0 })) : lines
}

function lineOf(product: Product, chance: Random): Line {
  const options = product.options.map((variants) => chance.pick(variants))
  const price = product.price + options.reduce((sum, option) => sum + option.modifier, 0)
  return completeLine({
    productId: product.productId,
    productCode: product.code,
    product: product.name,
    price,
    basePrice: product.price,
    amount: product.downloadable ? 1 : chance.pick(product.price < 2000 ? [1, 1, 1, 2, 2, 3, 5, 10] : [1, 1, 1, 1, 2]),
    taxRate: product.taxRate,
    options,
    downloadable: product.downloadable === true,
  })
}

function isChilled(line: Line): boolean {
  return PRODUCTS.find((product) => product.productId === line.productId)?.chilled === true
}

function makeGroups(chance: Random, lines: readonly Line[], time: number): ShippingGroup[] {
  if (lines.every((line) => line.downloadable)) return []
  const index = chance.int(0, 2)
  const asked = chance.chance(0.5)
  return [...new Set(lines.map((line) => line.groupKey))].sort().map((groupKey) => {
    const chilled = lines.some((line) => line.groupKey === groupKey && isChilled(line))
    const method = (chilled ? CHILLED : METHODS)[index] ?? METHODS[0]
    return {
      ...method,
      groupKey,
      groupName: 'サンプル商店',
      deliveryDate: asked ? (chance.chance(0.7) ? dateText(time + chance.int(2, 10) * 86_400) : '指定なし') : null,
      deliveryTiming: asked ? chance.pick(TIMINGS) : null,
    }
  })
}

function dateText(time: number): string {
  const day = new Date((time + ZONE_SECONDS) * 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${day.getUTCFullYear()}年${two(day.getUTCMonth() + 1)}月${two(day.getUTCDate())}日(${WEEKDAYS[day.getUTCDay()]})`
}

function completeLine(draft: LineDraft): Line {
  const productId = draft.productId ?? 1201
  const options = draft.options ?? []
  const price = draft.price ?? draft.basePrice ?? 1296
  return {
    itemId: itemIdOf(productId, options),
    productId,
    productCode: 'TEA-100',
    product: '静岡深蒸し茶 100g',
    price,
    basePrice: price,
    amount: 1,
    discount: 0,
    taxRate: 8,
    options,
    downloadable: false,
    groupKey: 0,
    deleted: false,
    ...given(draft),
  }
}

function completeGroup(draft: GroupDraft, index: number): ShippingGroup {
  return {
    ...METHODS[0],
    groupKey: index,
    groupName: 'サンプル商店',
    deliveryDate: null,
    deliveryTiming: null,
    ...given(draft),
  }
}

function kanaOf(buyer: Person, receiver: Person): ShopOrder['kana'] {
  return { contact: { firstname: '', lastname: '' }, billing: buyer.kana, shipping: receiver.kana }
}

/** The entries that were really given, so that an explicit undefined does not wipe a default. */
function given<T extends object>(draft: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const key in draft) {
    const value = draft[key]
    if (isGiven(value)) kept[key] = value
  }
  return kept
}

function isGiven<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined
}
