import { ok, refusal } from './answers.ts'
import { changeStatus } from './change-status.ts'
import { parseDate } from './period.ts'
import { phpEmpty, phpInt, phpNumeric, phpText } from './quirks.ts'
import type { Answer, ApiCall, Shop } from './shop.ts'
import { noticeOf } from './spoil.ts'
import { say } from './texts.ts'
import type { Shipment, ShopOrder } from './types.ts'

/** POST /shipments: the checks in the shop's own order, then what remains is shipped, be it less than was asked. */
export function postShipment(shop: Shop, call: ApiCall): Answer {
  const { rules, memory, clock, ledger } = shop
  const { body, language } = call
  for (const name of ['order_id', 'shipping_id']) {
    if (phpEmpty(body[name])) return refusal(rules, 400, { messages: [say('fieldRequired', language, name)] })
  }
  if (phpEmpty(body.tracking_number) && phpEmpty(body.carrier)) {
    return refusal(rules, 400, rules.carrierOrNumberText ? { messages: [say('carrierOrNumber', language)] } : {})
  }

  const orderId = phpInt(body.order_id)
  const order = memory.order(orderId)
  const asked = phpEmpty(body.products) ? firstGroup(order) : new Map(Object.entries(Object(body.products)))
  if (sum(asked) === 0) return refusal(rules, 400, { errors: [say('nothingSelected', language)] })
  const cut = new Map([...asked].map(([itemId, amount]) => [itemId, remaining(shop, order, itemId, amount)]))
  if (sum(cut) === 0) return refusal(rules, 400)

  const shipment: Shipment = {
    id: memory.takeShipmentId(),
    orderId,
    timestamp: phpEmpty(body.timestamp) ? clock.seconds() : timestampOf(shop, body.timestamp),
    shippingId: phpInt(body.shipping_id),
    trackingNumber: phpText(body.tracking_number),
    carrier: phpText(body.carrier),
    status: shop.settings.newShipmentStatus ?? (phpText(body.status).slice(0, 1) || 'P'),
    comments: phpText(body.comments),
    products: stored(cut),
  }
  memory.putShipment(shipment)
  ledger.write.applied({ kind: 'shipment-created', request: call.number, orderId, shipmentId: shipment.id })
  const asks = rules.shipmentMail === 'always' || (rules.shipmentMail === 'asked' && !phpEmpty(body.notify_user))
  if (asks && order && shop.settings.notifications.shipment) {
    ledger.write.mailed({ request: call.number, orderId, kind: 'shipment', about: String(shipment.id) })
  }
  if (!phpEmpty(body.order_status) && call.may('change_order_status')) {
    changeStatus(shop, { orderId, letter: phpText(body.order_status), by: 'api', request: call.number, mail: true })
  }
  return withNotice(shop, call, ok({ shipment_id: shipment.id }, 201))
}

/** PUT /shipments/:id: up to 4.13 refused for whatever exists; later four fields. An unknown id is always a success. */
export function putShipment(shop: Shop, call: ApiCall): Answer {
  const { rules, memory } = shop
  const { body, language } = call
  const shipment = memory.shipment(call.id ?? 0)
  const done = ok({ shipment_id: String(call.id) })
  if (rules.putShipment === 'never') {
    return shipment ? refusal(rules, 400, { messages: [say('onlyNumberAndCarrier', language)] }) : done
  }
  const fields = new Set(['tracking_number', 'comments', 'status', 'timestamp'])
  if (Object.keys(body).some((key) => !fields.has(key))) {
    return refusal(rules, 400, { messages: [say('onlyFourFields', language)] })
  }
  if (body.status !== undefined && !['A', 'P', 'S'].includes(phpText(body.status))) {
    return refusal(rules, 400, { messages: [say('wrongShipmentStatus', language)] })
  }
  if (!shipment) return done
  memory.putShipment({
    ...shipment,
    ...(body.tracking_number === undefined ? {} : { trackingNumber: phpText(body.tracking_number) }),
    ...(body.comments === undefined ? {} : { comments: phpText(body.comments) }),
    ...(body.status === undefined ? {} : { status: phpText(body.status) }),
    ...(body.timestamp === undefined ? {} : { timestamp: timestampOf(shop, body.timestamp) }),
  })
  shop.ledger.write.applied({
    kind: 'shipment-updated',
    request: call.number,
    orderId: shipment.orderId,
    shipmentId: shipment.id,
  })
  return done
}

/** DELETE /shipments/:id: the amounts are free again. */
export function deleteShipment(shop: Shop, call: ApiCall): Answer {
  const removed = shop.memory.removeShipment(call.id ?? 0)
  if (!removed) return refusal(shop.rules, 404)
  shop.ledger.write.applied({
    kind: 'shipment-deleted',
    request: call.number,
    orderId: removed.orderId,
    shipmentId: removed.id,
  })
  return { status: 204, contentType: '', body: '' }
}

/** Without products the shop takes all of group 0, downloadable lines too. */
function firstGroup(order: ShopOrder | undefined): Map<string, unknown> {
  const lines = order?.lines.filter((line) => line.groupKey === 0) ?? []
  return new Map(lines.map((line) => [line.itemId, line.amount]))
}

/** Cut to what remains; an item that the order does not have is taken as it is. */
function remaining(shop: Shop, order: ShopOrder | undefined, itemId: string, asked: unknown): unknown {
  const line = order?.lines.find((candidate) => candidate.itemId === itemId)
  if (!order || !line) return asked
  const left = line.amount - shop.memory.shippedAmount(order.id, itemId)
  return phpInt(asked) > left ? Math.max(0, left) : asked
}

function sum(amounts: ReadonlyMap<string, unknown>): number {
  let total = 0
  for (const amount of amounts.values()) total += phpNumeric(amount) ? Number(amount) : phpInt(amount)
  return total
}

/** What lands in the integer column: rounded as the database does, rows of nothing left away. */
function stored(amounts: ReadonlyMap<string, unknown>): Record<string, number> {
  const rows: Record<string, number> = {}
  for (const [itemId, amount] of amounts) {
    const whole = Math.max(0, Math.round(phpNumeric(amount) ? Number(amount) : phpInt(amount)))
    if (whole > 0) rows[itemId] = whole
  }
  return rows
}

function timestampOf(shop: Shop, value: unknown): number {
  return phpInt(parseDate(value, shop.clock.seconds(), shop.rules.textDate, false))
}

/** Where PHP shows notices, reading the missing one of number and carrier puts one before the JSON. */
function withNotice(shop: Shop, call: ApiCall, answer: Answer): Answer {
  const missing = ['tracking_number', 'carrier'].find((name) => call.body[name] === undefined)
  if (!shop.settings.displayErrors || missing === undefined) return answer
  return { ...answer, body: `${noticeOf(missing)}${answer.body}` }
}
