import { HTML_TYPE, ipBlocked, ok, page, refusal, unauthorized } from './answers.ts'
import { getOrder, listOrders, putOrder } from './orders.ts'
import { type PhpParams, parsePhpQuery, phpEmpty, phpInt, phpText } from './quirks.ts'
import { getShipment, listShipments } from './shipments.ts'
import { listShippings } from './shippings.ts'
import type { Answer, ApiCall, Language, Shop } from './shop.ts'
import { getStatus, listStatuses } from './statuses.ts'
import { say } from './texts.ts'
import type { RouteName, User } from './types.ts'
import { deleteShipment, postShipment, putShipment } from './write-shipments.ts'

/** What a request looks like before anybody judged it. */
export type Incoming = {
  number: number
  method: string
  headers: {
    accept?: string | undefined
    authorization?: string | undefined
    type?: string | undefined
    language?: string | undefined
  }
  query: PhpParams
  body: string
}

/** Where a request wants to go in the API, be it possible or not. */
export type Target = {
  method: string
  version: string | null
  scope: { kind: 'stores' | 'vendors'; id: number } | null
  entity: string
  id: string | null
  /** The path is odd: a double slash, more segments than an entity has. */
  odd: boolean
}

type Handler = { route: RouteName; privilege: string | null; run: (shop: Shop, call: ApiCall) => Answer }

const version: Handler = { route: 'version', privilege: null, run: (_, call) => ok({ Version: call.version }) }

const handler = (route: RouteName, privilege: string, run: Handler['run']): Handler => ({ route, privilege, run })

/** `list` is GET without an id, `get` GET with one. */
const ENTITIES: Readonly<Record<string, Partial<Record<'list' | 'get' | 'POST' | 'PUT' | 'DELETE', Handler>>>> = {
  orders: {
    list: handler('orders.list', 'view_orders', listOrders),
    get: handler('orders.get', 'view_orders', getOrder),
    PUT: handler('orders.put', 'edit_order', putOrder),
  },
  shipments: {
    list: handler('shipments.list', 'view_orders', listShipments),
    get: handler('shipments.get', 'view_orders', getShipment),
    POST: handler('shipments.post', 'edit_order', postShipment),
    PUT: handler('shipments.put', 'edit_order', putShipment),
    DELETE: handler('shipments.delete', 'edit_order', deleteShipment),
  },
  statuses: {
    list: handler('statuses.list', 'manage_order_statuses', listStatuses),
    get: handler('statuses.get', 'manage_order_statuses', getStatus),
  },
  shippings: { list: handler('shippings.list', 'view_shipping', listShippings) },
  version: { list: version },
}

const VERSIONS: Readonly<Record<string, string>> = { '2.0': '2.0', '2.1': '2.1', '4.0': '4.0' }

/**
 * Reads the path behind `/api/`.
 * @param rest e.g. `2.0/orders/12/`
 */
export function targetOf(shop: Shop, method: string, rest: string, query: PhpParams): Target {
  const override = shop.rules.methodOverride && method === 'POST' ? phpText(query._METHOD).toUpperCase() : ''
  const segments = rest.replace(/\/$/, '').split('/')
  const named = /^\d+(\.\d+)?$/.test(segments[0] ?? '') ? (segments.shift() ?? null) : null
  const first = segments[0]
  const scoped = (first === 'stores' || first === 'vendors') && segments.length > 2 ? first : null
  const scope: Target['scope'] = scoped === null ? null : { kind: scoped, id: phpInt(segments[1]) }
  if (scope) segments.splice(0, 2)
  const [entity = '', id = null] = segments
  return {
    method: override || method,
    version: named,
    scope,
    entity,
    id,
    odd: segments.length > 2 || segments.includes(''),
  }
}

/** The name under which a request is counted, whatever becomes of it. */
export function routeOf(target: Target): RouteName {
  return handlerOf(target)?.route ?? 'other'
}

function handlerOf(target: Target): Handler | undefined {
  const { method, entity, id } = target
  if (!Object.hasOwn(ENTITIES, entity)) return undefined
  const handlers = ENTITIES[entity]
  if (method === 'GET') return id === null ? handlers?.list : handlers?.get
  return method === 'POST' || method === 'PUT' || method === 'DELETE' ? handlers?.[method] : undefined
}

/** One API call from login to answer, judged in the shop's order. */
export function answerApi(shop: Shop, incoming: Incoming, target: Target): Answer {
  const { rules, settings } = shop
  const user = userOf(shop, incoming.headers.authorization)
  if (!user) return unauthorized(rules)
  if (settings.ipBlocked) return ipBlocked
  const language = languageOf(incoming)
  if (settings.httpsOnly) return refusal(rules, 403, { messages: [say('httpsOnly', language)] })
  if (target.method === 'OPTIONS') return { status: 200, contentType: HTML_TYPE, body: '' }
  if (!['GET', 'POST', 'PUT', 'DELETE'].includes(target.method)) return refusal(rules, 405)

  const accepted = acceptedType(incoming.headers.accept)
  if (accepted === null) return refusal(rules, 406)
  const body = readBody(shop, incoming, target, language)
  if ('status' in body) return body
  const answer = answerJson(shop, incoming, target, { user, language, ...body })
  // The plain text format prints the array that it was given, which in PHP is the word Array.
  return accepted === 'text/plain' ? { ...answer, contentType: accepted, body: 'Array' } : answer
}

type Caller = { user: User; language: Language; params: PhpParams; json: boolean }

function answerJson(shop: Shop, incoming: Incoming, target: Target, caller: Caller): Answer {
  const { rules } = shop
  const { language } = caller
  const spoken = target.version === null ? '2.1' : VERSIONS[target.version]
  if (spoken === undefined || !Object.hasOwn(ENTITIES, target.entity)) {
    return refusal(rules, 404, { messages: [say('noEntity', language, target.entity)] })
  }
  if (target.odd || (target.id !== null && !/^\d+$/.test(target.id))) return refusal(rules, 404)
  const writes = target.method === 'PUT' || target.method === 'DELETE'
  if (writes && target.id === null) return refusal(rules, 405, { messages: [say('noId', language)] })
  const found = handlerOf(target)
  if (!found || (target.method === 'POST' && target.id !== null)) return refusal(rules, 405)
  if ((target.method === 'PUT' || target.method === 'POST') && Object.keys(caller.params).length === 0) {
    return refusal(rules, 405, { messages: [say('noParameters', language)] })
  }
  const may = (privilege: string): boolean =>
    caller.user.privileges === 'all' || caller.user.privileges.includes(privilege)
  if (found.privilege !== null && !may(found.privilege)) return refusal(rules, 403)
  if (target.scope && !scopeExists(shop, target.scope)) return refusal(rules, 403)
  return found.run(shop, {
    number: incoming.number,
    id: target.id === null ? null : Number(target.id),
    query: incoming.query,
    body: caller.params,
    json: caller.json,
    language,
    version: spoken,
    companyId: target.scope?.id ?? null,
    may,
  })
}

/** Storefronts exist in the single-vendor edition, vendors in Multi-Vendor; a company exists once an order is its. */
function scopeExists(shop: Shop, scope: { kind: 'stores' | 'vendors'; id: number }): boolean {
  if ((scope.kind === 'vendors') !== shop.rules.multiVendor) return false
  return scope.id === 1 || shop.memory.orders().some((order) => order.companyId === scope.id)
}

function userOf(shop: Shop, authorization: string | undefined): User | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const plain = Buffer.from(encoded, 'base64').toString('utf8')
  const cut = plain.indexOf(':')
  const [email, apiKey] = [plain.slice(0, cut), plain.slice(cut + 1)]
  return shop.users.find((user) => user.email === email && user.apiKey === apiKey && user.status === 'A')
}

function languageOf(incoming: Incoming): Language {
  const asked = incoming.query.sl
  if (asked === 'ja' || asked === 'en') return asked
  const accepted = /^\s*(ja|en)\b/i.exec(incoming.headers.language ?? '')?.[1]?.toLowerCase()
  return accepted === 'en' ? 'en' : 'ja'
}

function acceptedType(accept: string | undefined): 'application/json' | 'text/plain' | null {
  const types = (accept ?? '*/*').split(',').map((type) => type.split(';')[0]?.trim())
  if (types.some((type) => type === '*/*' || type === 'application/*' || type === 'application/json'))
    return 'application/json'
  return types.includes('text/plain') ? 'text/plain' : null
}

/** The body by its Content-Type; without one it is text/plain, which the shop reads like a query string. */
function readBody(
  shop: Shop,
  incoming: Incoming,
  target: Target,
  language: Language,
): { params: PhpParams; json: boolean } | Answer {
  const type = (incoming.headers.type ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? ''
  const sends = target.method === 'PUT' || target.method === 'POST'
  if (type === 'application/json' || type === 'application/javascript') {
    if (target.method === 'GET') return { params: {}, json: true }
    const value = parseJson(incoming.body)
    if (value === undefined) return refusal(shop.rules, 400, { messages: [say('malformedJson', language)] })
    return { params: phpEmpty(value) || typeof value !== 'object' ? {} : { ...value }, json: true }
  }
  const known = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'].includes(type)
  if (sends && !known) return refusal(shop.rules, 415)
  return { params: sends ? parsePhpQuery(incoming.body) : {}, json: false }
}

function parseJson(text: string): object | string | number | boolean | null | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What the customers' side of the shop answers. */
export function answerStorefront(shop: Shop, path: string): Answer {
  if (path === '/admin.php') {
    return {
      ...page(302, '移動しました', ''),
      headers: { Location: `${shop.url()}/admin.php?dispatch=auth.login_form` },
    }
  }
  if (shop.settings.closed) {
    return page(503, 'ただいまメンテナンス中です', 'しばらくお待ちください。', { 'Retry-After': '300' })
  }
  if (path === '/' || path === '/index.php') return page(200, 'サンプル商店', 'お茶と器の店です。')
  return page(404, 'ページが見つかりません', 'お探しのページは見つかりませんでした。')
}
