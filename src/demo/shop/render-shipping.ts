import { METHODS } from './generate/catalogue.ts'
import { phpArray, phpMap } from './quirks.ts'
import type { Shop } from './shop.ts'
import type { ShippingGroup, ShopOrder } from './types.ts'

type Body = Record<string, unknown>

/**
 * The shipping groups. `need_shipment` is set by position: the shop writes it at the key of the group whose lines remain,
 * whichever row is there, and makes a row of nothing but the mark where none is. So the list can grow, or become an object.
 * @returns null where the order has no shipping data at all
 */
export function renderShipping(shop: Shop, order: ShopOrder): unknown {
  if (order.shippingShape === 'absent') return null
  const rows = new Map<number, Body>()
  order.groups.forEach((group, position) => {
    if (order.shippingShape === 'list') rows.set(position, renderGroup(group))
    else rows.set(group.shippingId, migratedGroup(group))
  })
  for (const groupKey of openGroups(shop, order)) {
    rows.set(groupKey, { ...rows.get(groupKey), need_shipment: true })
  }
  return phpArray(rows)
}

function openGroups(shop: Shop, order: ShopOrder): Set<number> {
  const open = order.lines.filter((line) => shop.memory.shippedAmount(order.id, line.itemId) < line.amount)
  return new Set(open.map((line) => line.groupKey))
}

function renderGroup(group: ShippingGroup): Body {
  const chosen = group.deliveryDate !== null || group.deliveryTiming !== null
  return {
    shipping_id: String(group.shippingId),
    shipping: group.shipping,
    delivery_time: '',
    rate_calculation: 'R',
    service_params: { jp_shipping: 'Y' },
    destination: 'I',
    min_weight: '0.00',
    max_weight: '0.00',
    service_id: String(group.serviceId),
    module: group.module,
    service_code: group.serviceCode,
    rate_info: [],
    group_key: group.groupKey,
    rate: group.rate,
    group_name: group.groupName,
    ...(chosen
      ? { delivery_timing: group.deliveryTiming ?? '指定なし', delivery_date: group.deliveryDate ?? '指定なし' }
      : {}),
  }
}

/** On orders migrated from old versions the rows are keyed by shipping id and do not repeat it inside. */
function migratedGroup(group: ShippingGroup): Body {
  const { shipping_id: _, ...row } = renderGroup(group)
  return row
}

/** The copy of the cart: bulky, and with the account of the carrier in it. Nobody should log it. */
export function renderProductGroups(order: ShopOrder): unknown[] {
  return order.groups.map((group) => ({
    name: group.groupName,
    company_id: order.companyId,
    origination: {
      name: group.groupName,
      address: '日本橋1-1-1',
      city: '中央区',
      country: 'JP',
      state: '東京都',
      zipcode: '103-0027',
      phone: '03-0000-0000',
    },
    location: {
      country: order.shipping.country,
      state: order.shipping.state,
      city: order.shipping.city,
      zipcode: order.shipping.zipcode,
    },
    products: phpMap(
      Object.fromEntries(
        order.lines
          .filter((line) => line.groupKey === group.groupKey)
          .map((line) => [
            line.itemId,
            {
              product_id: String(line.productId),
              product: line.product,
              amount: line.amount,
              price: line.price,
              base_price: line.basePrice,
              company_id: String(order.companyId),
              is_edp: line.downloadable ? 'Y' : 'N',
              weight: '0.300',
              shipping_freight: '0.00',
            },
          ]),
      ),
    ),
    package_info: {
      C: 0,
      W: 0.6,
      I: 1,
      shipping_freight: 0,
      packages: [{ products: {}, amount: 1, weight: 0.6, cost: 0 }],
    },
    shippings: Object.fromEntries(
      METHODS.map((method) => [
        method.shippingId,
        {
          shipping_id: String(method.shippingId),
          shipping: method.shipping,
          delivery_time: '',
          rate_calculation: 'R',
          service_params: {
            jp_shipping: 'Y',
            account_number: '000-FAKE-ACCOUNT',
            password: 'fake-carrier-password',
            meter_number: '0000000',
          },
          service_id: String(method.serviceId),
          module: method.module,
          service_code: method.serviceCode,
          rate: method.rate,
          group_key: group.groupKey,
          group_name: group.groupName,
        },
      ]),
    ),
    chosen_shippings: [
      { ...renderGroup(group), service_params: { jp_shipping: 'Y', account_number: '000-FAKE-ACCOUNT' } },
    ],
    shipping_no_required: false,
    all_edp_free_shipping: false,
    free_shipping: false,
  }))
}
