import { PAYMENTS } from './generate/catalogue.ts'
import { resolvePeriod } from './period.ts'
import { type PhpParams, phpEmpty, phpInt, phpList, phpText } from './quirks.ts'
import type { ApiCall, Shop } from './shop.ts'
import type { ShopOrder } from './types.ts'

type Filter = (order: ShopOrder) => boolean

const SORTS: Readonly<Record<string, (a: ShopOrder, b: ShopOrder) => number>> = {
  order_id: (a, b) => a.id - b.id,
  status: (a, b) => compareText(a.status, b.status),
  customer: (a, b) => compareText(a.lastname, b.lastname) || compareText(a.firstname, b.firstname),
  email: (a, b) => compareText(a.email, b.email),
  date: (a, b) => a.timestamp - b.timestamp || a.id - b.id,
  total: (a, b) => a.total - b.total,
}

/** Results by question, so that paging through thousands of orders does not filter them for each page. */
const remembered = new WeakMap<Shop, { version: number; results: Map<string, ShopOrder[]> }>()

/**
 * The orders that GET /orders finds, sorted, and the parameters as the answer echoes them. What the shop does not know is
 * ignored and echoed.
 */
export function selectOrders(shop: Shop, call: ApiCall): { orders: ShopOrder[]; echo: PhpParams } {
  const { query } = call
  const echo: PhpParams = { ...query }
  delete echo.items_per_page
  delete echo.page
  const withIncomplete = !phpEmpty(query.include_incompleted) || phpList(query.status).includes('N')
  echo.include_incompleted = withIncomplete
  const sortBy = typeof query.sort_by === 'string' && query.sort_by in SORTS ? query.sort_by : 'date'
  const ascending = query.sort_order === 'asc'
  echo.sort_order = ascending ? 'asc' : 'desc'
  echo.sort_by = sortBy
  echo.sort_order_rev = ascending ? 'desc' : 'asc'
  const textDate = call.language === 'ja' ? shop.rules.textDate : 'mdy'
  const names = { period: 'period', from: 'time_from', to: 'time_to' }
  const period = resolvePeriod(query, names, shop.clock.seconds(), textDate)
  if (period) {
    echo.time_from = period.from
    echo.time_to = period.to
  }

  const question = JSON.stringify([echo, call.companyId])
  const results = resultsOf(shop)
  const known = results.get(question)
  if (known) return { orders: known, echo }

  const filters = orderFilters(shop, query)
  filters.push((order) => !order.isParent)
  if (!withIncomplete) filters.push((order) => order.status !== 'N')
  if (period) {
    const [from, to] = [phpInt(period.from), phpInt(period.to)]
    filters.push((order) => order.timestamp >= from && order.timestamp <= to)
  }
  if (call.companyId !== null) filters.push((order) => order.companyId === call.companyId)
  const sort = SORTS[sortBy] ?? ((a, b) => a.id - b.id)
  const orders = shop.memory.orders().filter((order) => filters.every((keeps) => keeps(order)))
  orders.sort((a, b) => (ascending ? sort(a, b) : sort(b, a)))
  if (results.size >= 16) results.clear()
  results.set(question, orders)
  return { orders, echo }
}

function resultsOf(shop: Shop): Map<string, ShopOrder[]> {
  const kept = remembered.get(shop)
  if (kept && kept.version === shop.memory.version()) return kept.results
  const results = new Map<string, ShopOrder[]>()
  remembered.set(shop, { version: shop.memory.version(), results })
  return results
}

function orderFilters(shop: Shop, query: PhpParams): Filter[] {
  const { rules } = shop
  const filters: Filter[] = []
  const among = (name: string, read: (order: ShopOrder) => string): void => {
    if (phpEmpty(query[name])) return
    const wanted = new Set(phpList(query[name]).map(phpText))
    filters.push((order) => wanted.has(read(order)))
  }
  const like = (name: string, read: (order: ShopOrder) => string): void => {
    if (phpEmpty(query[name])) return
    const part = phpText(query[name]).toLowerCase()
    filters.push((order) => read(order).toLowerCase().includes(part))
  }
  const atLeast = (name: string, read: (order: ShopOrder) => number, sign: 1 | -1): void => {
    if (phpEmpty(query[name])) return
    const bound = phpInt(query[name])
    filters.push((order) => (read(order) - bound) * sign >= 0)
  }

  among('status', (order) => order.status)
  among('user_id', (order) => String(order.userId))
  among('company_id', (order) => String(order.companyId))
  among('payments', (order) => String(PAYMENTS[order.payment].paymentId))
  if (rules.updatedAt) {
    among('company_ids', (order) => String(order.companyId))
    among('storefront_id', (order) => String(order.storefrontId))
    among('parent_order_id', (order) => String(order.parentOrderId))
    atLeast('updated_at_from', (order) => order.updatedAt, 1)
    atLeast('updated_at_to', (order) => order.updatedAt, -1)
  }
  // The double writes no invoices: nothing has such a number.
  if (!phpEmpty(query.invoice_id) || !phpEmpty(query.credit_memo_id)) filters.push(() => false)
  atLeast('total_from', (order) => order.total, 1)
  atLeast('total_to', (order) => order.total, -1)
  like('phone', (order) => order.phone)
  like('company', (order) => order.company)
  anyOf(filters, query, 'shippings', (order) => order.groups.map((group) => String(group.shippingId)))
  anyOf(filters, query, 'p_ids', (order) => order.lines.map((line) => String(line.productId)))
  filters.push(...identityFilters(query))
  return filters
}

function anyOf(filters: Filter[], query: PhpParams, name: string, read: (order: ShopOrder) => string[]): void {
  if (phpEmpty(query[name])) return
  const wanted = new Set(phpList(query[name]).flatMap((value) => phpText(value).split(',')))
  filters.push((order) => read(order).some((value) => wanted.has(value)))
}

/** order_id, email and cname: all of them, or any of them with `compact=Y`. */
function identityFilters(query: PhpParams): Filter[] {
  const filters: Filter[] = []
  if (!phpEmpty(query.order_id)) {
    const ids = new Set(phpList(query.order_id).flatMap((value) => phpText(value).split(',').map(phpInt)))
    filters.push((order) => ids.has(order.id))
  }
  if (!phpEmpty(query.email)) {
    const part = phpText(query.email).toLowerCase()
    filters.push((order) => order.email.toLowerCase().includes(part))
  }
  if (!phpEmpty(query.cname)) {
    const [first = '', second] = phpText(query.cname).trim().split(/\s+/)
    filters.push(({ firstname, lastname }) =>
      second === undefined
        ? firstname.includes(first) || lastname.includes(first)
        : (firstname.includes(first) && lastname.includes(second)) ||
          (firstname.includes(second) && lastname.includes(first)),
    )
  }
  if (query.compact !== 'Y' || filters.length === 0) return filters
  return [(order) => filters.some((keeps) => keeps(order))]
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
