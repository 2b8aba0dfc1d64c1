import { ok, ready, refusal } from './answers.ts'
import { changeStatus } from './change-status.ts'
import { listPage } from './list-page.ts'
import { phpEmpty, phpInt, phpJson, phpText } from './quirks.ts'
import { renderOrder, renderRow } from './render-order.ts'
import { selectOrders } from './select-orders.ts'
import type { Answer, ApiCall, Shop } from './shop.ts'
import type { ShopOrder } from './types.ts'

/** GET /orders. */
export function listOrders(shop: Shop, call: ApiCall): Answer {
  const { rules, settings } = shop
  const { orders, echo } = selectOrders(shop, call)
  const asked = call.query.items_per_page
  const size = asked === undefined ? settings.itemsPerPage : phpInt(asked)
  const { rows, page } = listPage(orders, phpInt(call.query.page ?? 1), size, rules.ordersPastEnd)
  const whole = rules.ordersData && !phpEmpty(call.query.get_orders_data)
  const bodies = rows.map((order) => (whole ? detailBody(shop, order) : row(shop, order)))
  const params = {
    page: 1,
    items_per_page: size,
    ...(rules.updatedAt ? { extra: ['issuers', 'invoice_docs', 'memo_docs'] } : {}),
    ...echo,
    ...(size > 0 ? { total_items: String(orders.length) } : {}),
  }
  params.page = page
  Object.assign(params, { items_per_page: rules.itemsPerPageAsText ? String(asked ?? size) : size })
  return ready(`{"orders":[${bodies.join(',')}],"params":${phpJson(params)}}`)
}

/** GET /orders/:id. */
export function getOrder(shop: Shop, call: ApiCall): Answer {
  const order = call.id === null ? undefined : shop.memory.order(call.id)
  if (!order || (call.companyId !== null && order.companyId !== call.companyId)) return refusal(shop.rules, 404)
  return ready(detailBody(shop, order))
}

const FAST_KEYS = new Set(['status', 'notify_user', 'notify_department', 'notify_vendor'])

/**
 * PUT /orders/:id. With nothing but a status and mail flags, as JSON and with the right to change statuses, only the status
 * changes and the answer is 200 whatever came of it. Everything else rewrites the order.
 */
export function putOrder(shop: Shop, call: ApiCall): Answer {
  const orderId = call.id ?? 0
  const why = reasonToRewrite(call)
  if (why !== null) return rewriteOrder(shop, call, orderId, why)
  changeStatus(shop, {
    orderId,
    letter: phpText(call.body.status),
    by: 'api',
    request: call.number,
    mail: !phpEmpty(call.body.notify_user),
  })
  return ok({ order_id: String(orderId) })
}

function reasonToRewrite(call: ApiCall): string | null {
  if (!call.json) return 'the body did not come as JSON'
  const others = Object.keys(call.body).filter((key) => !FAST_KEYS.has(key))
  if (others.length > 0) return `keys beside the status: ${others.join(', ')}`
  if (phpEmpty(call.body.status)) return 'no status in the body'
  return call.may('change_order_status') ? null : 'the user may not change statuses'
}

/** The full path: cart rebuilt, lines that were not sent are gone, the order written anew. */
function rewriteOrder(shop: Shop, call: ApiCall, orderId: number, why: string): Answer {
  const order = shop.memory.order(orderId)
  if (!order) return refusal(shop.rules, 400)
  shop.ledger.write.applied({ kind: 'order-recalculated', request: call.number, orderId, why })
  if (!call.may('change_order_status')) return ok({ order_id: String(orderId) })
  const sent = call.body.products
  const keptIds = sent === undefined ? null : new Set(Object.keys(Object(sent)))
  const written: ShopOrder = {
    ...order,
    lines: keptIds ? order.lines.filter((line) => keptIds.has(line.itemId)) : order.lines,
    notes: call.body.notes === undefined ? order.notes : phpText(call.body.notes),
    details: call.body.details === undefined ? order.details : phpText(call.body.details),
    updatedAt: shop.clock.seconds(),
  }
  shop.memory.putOrder(written)
  if (!phpEmpty(call.body.status)) {
    const letter = phpText(call.body.status)
    changeStatus(shop, { orderId, letter, by: 'api', request: call.number, mail: !phpEmpty(call.body.notify_user) })
  }
  return ok({ order_id: String(orderId) })
}

/** The body of GET /orders/:id, rendered once until the order or its shipments change. */
export function detailBody(shop: Shop, order: ShopOrder): string {
  return shop.memory.detailBody(order.id, () => phpJson(renderOrder(shop, order)))
}

function row(shop: Shop, order: ShopOrder): string {
  return shop.memory.rowBody(order.id, () => phpJson(renderRow(shop, order)))
}
