/** 受注一覧 as SQL: a page of it, its counts, and the steps in which orders are looked through. */
import { attentionSql } from './attention-conditions.ts'
import { conditionsOf, readsOrders } from './list-conditions.ts'
import type { ListCursor, ListFilter } from './list-filter.ts'
import { ORDER_COLUMNS } from './row.ts'

/** Where orders must be read to be found (a search), so many are read at once: 1 ms, then others who ask have their turn. */
const STEP = 500

/** The orders of 要確認, each once, as the source `o` of a select. */
export const NEEDING_ATTENTION = `(select distinct id from (${attentionSql()})) a join orders o on o.id = a.id`

export type Query = { sql: string; values: readonly unknown[] }
/** Where an order stands in the list. */
export type ListPlace = Omit<ListCursor, 'direction'>

/** A stretch of the list: after `from` (or from its beginning) up to and with `end` (or to its end). */
export type Step = { from?: ListCursor | undefined; end?: ListCursor | undefined }

/**
 * A page of the list as SQL; its last parameter, the number of orders, is still to be given. The page is found among short
 * rows, and only its orders are read whole.
 */
export function pageQuery(filter: ListFilter, step: Step = {}): Query {
  const where = within(filter, step)
  const inOrder = inOrderOf(step.from)
  const source = filter.tab === 'attention' ? NEEDING_ATTENTION : ordersBy(filter, step)
  const sql = `select ${ORDER_COLUMNS} from orders o
    where o.id in (select o.id from ${source} ${where.sql} ${inOrder} limit ?) ${inOrder}`
  return { sql, values: where.values }
}

/** How many orders of each status the filter wants, as SQL. */
export function tallyQuery(filter: ListFilter, step: Step = {}): Query {
  const where = within(filter, step)
  const sql = `select o.status_id as "statusId", count(*) as count from ${ordersBy(filter, step)} ${where.sql} group by o.status_id`
  return { sql, values: where.values }
}

/** The place of the last order of a step as SQL: found by an index, without a look at the orders. */
export function stepQuery({ tab, from, to }: ListFilter, after: ListCursor | undefined): Query {
  const where = within({ tab, words: [], from, to }, { from: after })
  const sql = `select o.ordered_at as "orderedAt", o.id from orders o ${where.sql} ${inOrderOf(after)} limit 1 offset ${STEP - 1}`
  return { sql, values: where.values }
}

function within(filter: ListFilter, { from, end }: Step) {
  const where = conditionsOf(filter)
  const back = from?.direction === 'previous'
  if (from) where.add(`(o.ordered_at, o.id) ${back ? '>' : '<'} (?, ?)`, from.orderedAt, from.id)
  if (end) where.add(`(o.ordered_at, o.id) ${back ? '<=' : '>='} (?, ?)`, end.orderedAt, end.id)
  return where
}

const inOrderOf = (cursor: ListCursor | undefined): string => {
  const way = cursor?.direction === 'previous' ? 'asc' : 'desc'
  return `order by o.ordered_at ${way}, o.id ${way}`
}

/**
 * The orders by the index that leads to what is asked for, where SQLite would take another one: 発送待ち that could be written are
 * few, by time they would be looked for among all; a step is short, by its shop it would be looked for among all.
 */
function ordersBy(filter: ListFilter, { from, end }: Step): string {
  const { exportKey, tab } = filter
  if (exportKey === 'waiting') return 'orders o indexed by orders_unwritten_dated'
  if (end || (from && readsOrders(filter)))
    return `orders o indexed by ${typeof tab === 'object' ? 'orders_status_ordered' : 'orders_ordered'}`
  return 'orders o'
}
