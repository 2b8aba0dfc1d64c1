import { ok, refusal } from './answers.ts'
import { listPage } from './list-page.ts'
import { resolvePeriod } from './period.ts'
import { type PhpParams, phpEmpty, phpInt, phpList, phpText } from './quirks.ts'
import type { Answer, ApiCall, Shop } from './shop.ts'
import type { Shipment, ShopOrder } from './types.ts'

type Joined = { shipment: Shipment; order: ShopOrder | undefined }

const SORTS: Readonly<Record<string, (a: Joined, b: Joined) => number>> = {
  id: (a, b) => a.shipment.id - b.shipment.id,
  status: (a, b) => a.shipment.status.localeCompare(b.shipment.status),
  order_id: (a, b) => a.shipment.orderId - b.shipment.orderId,
  shipment_date: (a, b) => a.shipment.timestamp - b.shipment.timestamp,
  order_date: (a, b) => (a.order?.timestamp ?? 0) - (b.order?.timestamp ?? 0),
  customer: (a, b) => (a.order?.lastname ?? '').localeCompare(b.order?.lastname ?? ''),
}

/** GET /shipments. Past the end the last page comes again on every version. */
export function listShipments(shop: Shop, call: ApiCall): Answer {
  const { query } = call
  const found = select(shop, call)
  const sortBy = typeof query.sort_by === 'string' && query.sort_by in SORTS ? query.sort_by : 'id'
  const sort = SORTS[sortBy] ?? (() => 0)
  const ascending = query.sort_order === 'asc'
  found.sort((a, b) => (ascending ? sort(a, b) : sort(b, a)))
  const asked = query.items_per_page
  const size = asked === undefined ? shop.settings.itemsPerPage : phpInt(asked)
  const { rows, page } = listPage(found, phpInt(query.page ?? 1), size, 'clamp')
  const first = rows[0]?.order
  return ok({
    shipments: rows.map((row) => render(shop, row, first, query.advanced_info !== '0')),
    params: {
      advanced_info: true,
      ...query,
      page,
      items_per_page: shop.rules.itemsPerPageAsText ? String(asked ?? size) : size,
      sort_by: sortBy,
      sort_order: ascending ? 'asc' : 'desc',
      sort_order_rev: ascending ? 'desc' : 'asc',
      ...(size > 0 ? { total_items: String(found.length) } : {}),
    },
  })
}

/** GET /shipments/:id. */
export function getShipment(shop: Shop, call: ApiCall): Answer {
  const shipment = call.id === null ? undefined : shop.memory.shipment(call.id)
  if (!shipment) return refusal(shop.rules, 404)
  const order = shop.memory.order(shipment.orderId)
  return ok(render(shop, { shipment, order }, order, true))
}

function select(shop: Shop, call: ApiCall): Joined[] {
  const { query } = call
  const byOrder = phpEmpty(query.order_id) ? null : new Set(phpList(query.order_id).map(phpInt))
  const shipments = byOrder ? [...byOrder].flatMap((id) => shop.memory.shipmentsOf(id)) : shop.memory.shipments()
  const joined = shipments.map((shipment) => ({ shipment, order: shop.memory.order(shipment.orderId) }))
  const filters = filtersOf(shop, query)
  if (call.companyId !== null) filters.push(({ order }) => order?.companyId === call.companyId)
  return joined.filter((row) => filters.every((keeps) => keeps(row)))
}

function filtersOf(shop: Shop, query: PhpParams): ((row: Joined) => boolean)[] {
  const filters: ((row: Joined) => boolean)[] = []
  if (!phpEmpty(query.status)) filters.push(({ shipment }) => shipment.status === phpText(query.status))
  if (!phpEmpty(query.shipment_id)) {
    const ids = new Set(phpList(query.shipment_id).map(phpInt))
    filters.push(({ shipment }) => ids.has(shipment.id))
  }
  if (!phpEmpty(query.cname)) {
    const part = phpText(query.cname)
    filters.push(({ order }) => order !== undefined && `${order.firstname} ${order.lastname}`.includes(part))
  }
  if (!phpEmpty(query.company)) {
    filters.push(({ order }) => order?.company.includes(phpText(query.company)) ?? false)
  }
  if (!phpEmpty(query.p_ids)) {
    const ids = new Set(phpList(query.p_ids).flatMap((value) => phpText(value).split(',')))
    filters.push(({ order }) => order?.lines.some((line) => ids.has(String(line.productId))) ?? false)
  }
  for (const kind of ['shipment', 'order'] as const) {
    const names = { period: `${kind}_period`, from: `${kind}_time_from`, to: `${kind}_time_to` }
    const period = resolvePeriod(query, names, shop.clock.seconds(), shop.rules.textDate)
    if (!period) continue
    const [from, to] = [phpInt(period.from), phpInt(period.to)]
    filters.push(({ shipment, order }) => {
      const time = kind === 'shipment' ? shipment.timestamp : order?.timestamp
      return time !== undefined && time >= from && time <= to
    })
  }
  return filters
}

const CARRIERS: Readonly<Record<string, readonly [name: string, url: string]>> = {
  yamato: ['ヤマト運輸', 'https://carrier.example.jp/track?id=%s'],
  sagawa: ['佐川急便', 'https://carrier.example.jp/sagawa?no=%s'],
  jpost: ['日本郵便', 'https://carrier.example.jp/jpost?no=%s'],
  jpems: ['日本郵便(海外向け)', 'https://carrier.example.jp/ems?no=%s'],
  fukutsu: ['福山通運', 'https://carrier.example.jp/fukutsu?no=%s'],
}

/** @param first the order of the page's first row: `group_key` and `one_full` are computed against it, right or wrong */
function render(shop: Shop, { shipment, order }: Joined, first: ShopOrder | undefined, advanced: boolean): unknown {
  const items = Object.entries(shipment.products)
  const groupKey = first?.lines.find((line) => line.itemId === items[0]?.[0])?.groupKey ?? 0
  const whole = first?.lines.every((line) => shipment.products[line.itemId] === line.amount) ?? false
  return {
    shipment_id: String(shipment.id),
    shipment_timestamp: String(shipment.timestamp),
    comments: shipment.comments,
    status: shipment.status,
    order_id: String(shipment.orderId),
    order_timestamp: order ? String(order.timestamp) : null,
    s_firstname: order?.shipping.firstname ?? null,
    s_lastname: order?.shipping.lastname ?? null,
    ...(shop.rules.errorLists ? { firstname: order?.firstname ?? null, lastname: order?.lastname ?? null } : {}),
    company: order?.company ?? null,
    user_id: order ? String(order.userId) : null,
    shipping_id: String(shipment.shippingId),
    shipping: order?.groups.find((group) => group.shippingId === shipment.shippingId)?.shipping ?? null,
    ...(advanced ? { tracking_number: shipment.trackingNumber } : {}),
    carrier: shipment.carrier,
    ...(advanced && items.length > 0
      ? { products: Object.fromEntries(items.map(([id, amount]) => [id, String(amount)])) }
      : {}),
    group_key: groupKey,
    ...(shipment.carrier === '' ? {} : { carrier_info: carrierInfo(shipment) }),
    one_full: whole,
  }
}

function carrierInfo(shipment: Shipment): { name: string; tracking_url: string } {
  const known = CARRIERS[shipment.carrier]
  if (!known) return { name: `carrier_${shipment.carrier}`, tracking_url: '' }
  const [name, url] = known
  return { name, tracking_url: shipment.trackingNumber === '' ? url : url.replace('%s', shipment.trackingNumber) }
}
