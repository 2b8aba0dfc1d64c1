import type { OrderRow, OrdersPage, OrdersQuery } from '../cscart/client.ts'
import type { Period } from '../period.ts'
import { toSecond } from './scope.ts'

/** Which orders to list. Without statuses: in all of them. Times are ms UTC of the shop's clock. */
export type Walk = {
  statuses?: string[]
  period: Period
  updatedFrom?: number
  includeIncomplete?: boolean
}

export type WalkedPage = Pick<OrdersPage, 'rows' | 'faults' | 'totalItems'>

type ListOrders = (query: OrdersQuery, signal?: AbortSignal) => Promise<OrdersPage>

export const PAGE_SIZE = 100
/** So many rows of one second are asked for at once: some megabytes. */
const MOST_A_PAGE = 1_600
/** Five million rows: only a shop that answers for ever gets there. */
const MOST_REQUESTS = 50_000

/**
 * Lists the orders of a shop page by page; each order once, in the order of their placing.
 *
 * Pages shift while they are read: an order that leaves the statuses moves all later rows up, and page 2 would begin one
 * row too late. So the second request does not ask for page 2 but for what was placed from the last row's second on,
 * and rows that were seen already are passed over. One second that fills a whole page is asked for again as a larger one: CS-Cart
 * sets no limit (cs-cart-api.md 3). `page` is used only beyond that, and where a shop does not sort as asked. Rows outside the period or the statuses are dropped: a shop that
 * ignores the filters must not flood us.
 * @param pageSize smaller in tests of shifting pages only
 * @throws CsCartError of the request that failed
 */
export async function* walkOrders(
  list: ListOrders,
  walk: Walk,
  signal?: AbortSignal,
  pageSize = PAGE_SIZE,
): AsyncGenerator<WalkedPage> {
  const { statuses, period, updatedFrom, includeIncomplete } = walk
  const seen = new Set<number>()
  let from = toSecond(period.from)
  let page = 1
  let size = pageSize
  /** false once a shop was seen not to sort or not to filter as asked: then only page numbers lead on. */
  let sorted = true
  for (let requests = 0; requests < MOST_REQUESTS; requests += 1) {
    const answer = await list(
      {
        ...(statuses && { statuses }),
        ...(updatedFrom !== undefined && { updatedFrom }),
        ...(includeIncomplete && { includeIncomplete }),
        period: { from, to: period.to },
        sortBy: 'date',
        sortOrder: 'asc',
        itemsPerPage: size,
        page,
      },
      signal,
    )
    const unseen = answer.rows.filter((row) => !seen.has(row.orderId))
    for (const row of unseen) seen.add(row.orderId)
    yield {
      rows: unseen.filter((row) => isAsked(row, walk)),
      faults: answer.faults,
      totalItems: answer.totalItems,
    }
    // The first page from a new second on may hold nothing but that second's rows which ended the page before.
    const repeats = page > 1 && unseen.length === 0 && answer.faults.length === 0
    if (repeats || isLast(answer, page, size)) return
    sorted &&= isSortedFrom(from, answer.rows)
    const last = answer.rows.at(-1)?.orderedAt ?? from
    if (sorted && last > from) {
      from = last
      page = 1
      size = pageSize
    } else if (sorted && page === 1 && answer.count >= size && size < MOST_A_PAGE) {
      size *= 2
    } else {
      page += 1
    }
  }
}

function isAsked(row: OrderRow, { statuses, period }: Walk): boolean {
  if (statuses && !statuses.includes(row.status)) return false
  return row.orderedAt >= toSecond(period.from) && row.orderedAt <= period.to
}

/** Whether nothing comes after this answer: cs-cart-api.md 13, rule 3. */
function isLast(answer: OrdersPage, asked: number, pageSize: number): boolean {
  // A shop may give fewer rows a page than asked; it says so in `items_per_page`.
  const size = answer.itemsPerPage > 0 ? Math.min(answer.itemsPerPage, pageSize) : pageSize
  if (answer.count < size || answer.page !== asked) return true
  // A row that stands there twice has pushed another one off the page.
  if (answer.rows.length + answer.faults.length < answer.count) return false
  return answer.totalItems !== undefined && answer.totalItems <= asked * size
}

function isSortedFrom(from: number, rows: OrderRow[]): boolean {
  return rows.every((row, index) => row.orderedAt >= (rows[index - 1]?.orderedAt ?? from))
}

/**
 * Looks single orders up in the list, at most `PAGE_SIZE` of them, whatever their status.
 * @throws CsCartError
 */
export async function lookUp(list: ListOrders, orderIds: number[], signal?: AbortSignal): Promise<OrdersPage> {
  const query: OrdersQuery = {
    orderIds,
    includeIncomplete: true,
    sortBy: 'order_id',
    sortOrder: 'asc',
    itemsPerPage: PAGE_SIZE,
    page: 1,
  }
  return list(query, signal)
}
