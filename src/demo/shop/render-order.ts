import { PAYMENTS } from './generate/catalogue.ts'
import { shippingCost, sumOfLines } from './generate/order.ts'
import { decimal, phpMap } from './quirks.ts'
import { renderLines } from './render-lines.ts'
import { renderProductGroups, renderShipping } from './render-shipping.ts'
import type { Shop } from './shop.ts'
import type { Address, ShopOrder } from './types.ts'

type Body = Record<string, unknown>

/** A row of GET /orders: no address, no products, no payment, no updated_at. */
export function renderRow(shop: Shop, order: ShopOrder): Body {
  return {
    order_id: String(order.id),
    issuer_id: null,
    user_id: String(order.userId),
    is_parent_order: order.isParent ? 'Y' : 'N',
    parent_order_id: String(order.parentOrderId),
    company_id: String(order.companyId),
    company: order.company,
    timestamp: String(order.timestamp),
    firstname: order.firstname,
    lastname: order.lastname,
    email: order.email,
    phone: order.phone,
    status: order.status,
    total: decimal(order.total),
    issuer_name: null,
    ...(shop.rules.errorLists ? { issuer_email: null } : {}),
    invoice_id: null,
    credit_memo_id: null,
    ...(shop.rules.listStorefrontId ? { storefront_id: String(order.storefrontId) } : {}),
    ...order.rawRow,
  }
}

/** GET /orders/:id: columns as text, computed values as numbers and booleans, empty maps as `[]`. */
export function renderOrder(shop: Shop, order: ShopOrder): Body {
  const { rules, memory } = shop
  const subtotal = sumOfLines(order.lines)
  const shipping = renderShipping(shop, order)
  return {
    order_id: String(order.id),
    is_parent_order: order.isParent ? 'Y' : 'N',
    parent_order_id: String(order.parentOrderId),
    company_id: String(order.companyId),
    issuer_id: null,
    user_id: String(order.userId),
    total: decimal(order.total),
    subtotal,
    discount: 0,
    subtotal_discount: order.subtotalDiscount,
    payment_surcharge: order.surcharge,
    shipping_ids: order.groups.map((group) => group.shippingId).join(','),
    shipping_cost: decimal(shippingCost(order)),
    timestamp: String(order.timestamp),
    status: order.status,
    notes: order.notes,
    details: order.details,
    promotions: order.coupon
      ? { 3: { bonuses: [{ bonus: 'order_discount', value: String(order.subtotalDiscount) }] } }
      : [],
    promotion_ids: order.coupon ? '3' : '',
    ...(order.coupon ? { coupons: { [order.coupon]: ['3'] } } : {}),
    firstname: order.firstname,
    lastname: order.lastname,
    company: order.company,
    ...renderAddress('b', order.billing, false),
    ...renderAddress('s', order.shipping, true),
    s_address_type: '',
    phone: order.phone,
    fax: '',
    url: '',
    email: order.email,
    payment_id: String(PAYMENTS[order.payment].paymentId),
    tax_exempt: 'N',
    lang_code: order.langCode,
    ip_address: order.ipAddress,
    repaid: '0',
    validation_code: '',
    localization_id: '0',
    profile_id: String(order.profileId),
    ...(rules.updatedAt ? { storefront_id: String(order.storefrontId), updated_at: String(order.updatedAt) } : {}),
    payment_method: renderPayment(order),
    fields: phpMap({ ...kanaFields(shop, order), ...order.fields }),
    products: renderLines(shop, order),
    taxes: renderTaxes(order),
    tax_subtotal: 0,
    display_shipping_cost: decimal(shippingCost(order)),
    is_root: '',
    birthday: '',
    api_key: '',
    last_passwords: '',
    need_shipping: !order.lines.every((line) => line.downloadable),
    ...(shipping === null ? { need_shipment: true } : { shipping }),
    shipment_ids: memory.shipmentsOf(order.id).map((shipment) => String(shipment.id)),
    secondary_currency: 'JPY',
    display_subtotal: subtotal,
    payment_info: phpMap(order.paymentInfo),
    points_info: renderPoints(order),
    doc_ids: [],
    product_groups: renderProductGroups(order),
    ...order.raw,
  }
}

/** Empty shipping countries and prefectures are filled with the shop's own on the way out. */
function renderAddress(prefix: 'b' | 's', address: Address, filled: boolean): Body {
  const state = address.state === '' && filled ? '東京都' : address.state
  const country = address.country === '' && filled ? 'JP' : address.country
  return {
    [`${prefix}_firstname`]: address.firstname,
    [`${prefix}_lastname`]: address.lastname,
    [`${prefix}_address`]: address.address,
    [`${prefix}_address_2`]: address.address2,
    [`${prefix}_city`]: address.city,
    [`${prefix}_county`]: '',
    [`${prefix}_state`]: state,
    [`${prefix}_country`]: country,
    [`${prefix}_zipcode`]: address.zipcode,
    [`${prefix}_phone`]: address.phone,
    ...(country === '' ? {} : { [`${prefix}_country_descr`]: country === 'JP' ? '日本' : country }),
    ...(state === '' ? {} : { [`${prefix}_state_descr`]: state }),
  }
}

function kanaFields(shop: Shop, order: ShopOrder): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const part of ['contact', 'billing', 'shipping'] as const) {
    const [family, given] = shop.rules.kanaFields[part]
    fields[family] = order.kana[part].firstname
    fields[given] = order.kana[part].lastname
  }
  return fields
}

function renderPayment(order: ShopOrder): Body {
  const payment = PAYMENTS[order.payment]
  return {
    payment_id: String(payment.paymentId),
    company_id: '1',
    usergroup_ids: '0',
    position: '10',
    status: 'A',
    template: 'views/orders/components/payments/cc_outside.tpl',
    processor_id: '0',
    a_surcharge: payment.surcharge.toFixed(3),
    p_surcharge: '0.000',
    tax_ids: [],
    localization: '',
    payment_category: payment.category,
    payment: payment.name,
    description: '',
    instructions: payment.instructions,
    surcharge_title: payment.surcharge > 0 ? '代引手数料' : '',
    lang_code: 'ja',
    processor: null,
    processor_type: null,
    processor_status: null,
    image: [],
    storefront_ids: '',
  }
}

const TAX_IDS = { 10: '7', 8: '8' } as const

function renderTaxes(order: ShopOrder): unknown {
  const taxes: Record<string, Body> = {}
  for (const rate of [10, 8] as const) {
    const lines = order.lines.filter((line) => line.taxRate === rate)
    if (lines.length === 0) continue
    const tax = Math.floor((sumOfLines(lines) * rate) / (100 + rate))
    taxes[TAX_IDS[rate]] = {
      rate_type: 'P',
      rate_value: rate.toFixed(3),
      price_includes_tax: 'Y',
      regnumber: '',
      priority: '0',
      tax_subtotal: tax,
      description: rate === 8 ? '消費税(軽減8%)' : '消費税(10%)',
      applies: { P: tax, S: 0, items: { S: [], P: Object.fromEntries(lines.map((line) => [line.itemId, true])) } },
    }
  }
  return phpMap(taxes)
}

function renderPoints(order: ShopOrder): Body {
  if (order.pointsUsed === 0) return { is_gain: 'N' }
  return { in_use: { points: String(order.pointsUsed), cost: order.pointsUsed }, is_gain: 'N' }
}
