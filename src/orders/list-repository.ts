import type { Statement } from 'better-sqlite3'
import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import { attentionReader, attentionSql } from './attention-repository.ts'
import { type ExportKey, exportStatusOf, type ShopExportRule } from './export-status.ts'
import { conditionsOf, DUE_CANDIDATES, IN_WORK } from './list-conditions.ts'
import type { ListCursor, ListFilter } from './list-filter.ts'
import type { Order } from './order.ts'
import { ORDER_COLUMNS, type OrderRow, orderOf } from './row.ts'
import type { StatusRole } from './status.ts'

export type OrderPage = {
  orders: Order[]
  /** Where the next (older) page begins; undefined on the last one. */
  next: ListCursor | undefined
  /** Where the previous (newer) page begins; undefined on the first one. */
  previous: ListCursor | undefined
}

/** The first line of an order and how many there are besides. */
export type LineSummary = { orderId: number; name: string; amount: number; more: number }

/** API書出, 作成期間 and 試運転 by shop. */
export type ShopRules = ReadonlyMap<number, ShopExportRule>

/** ホーム's five numbers. */
export type OrderCounts = { today: number; toShip: number; toNumber: number; toExport: number; failed: number }

/** 書出状態 is a rule in code (`exportStatusOf`), not a column: a page that asks for one looks at this many orders at most. */
const LOOKED_AT = 5_000
const CHUNK = 250
/** The orders of 要確認, each once, as the source `o` of a select. */
const NEEDING_ATTENTION = `(select distinct id from (${attentionSql()})) a join orders o on o.id = a.id`
const STATEMENTS = 200

/** 受注一覧: pages by keyset, so that the last of a million orders is as near as the first. */
export function orderList(db: Db) {
  const client = db.$client
  const attention = attentionReader(db)
  const remember = remembering(db, { withoutRuns: true })
  const attentionCount = remember(attention.attentionCount)
  const pages = preparing<OrderRow>(db)
  const tallies = preparing<StatusCount>(db)
  const attentionTallies = preparing<{ count: number }>(db)
  const roles = client.prepare<[], { id: number; role: StatusRole }>('select id, role from order_statuses')
  const byStatus = client.prepare<[], StatusCount>(
    'select status_id as "statusId", count(*) as count from orders group by status_id',
  )
  const firstLines = client.prepare<[string], LineSummary>(`
    select order_id as "orderId", name, amount, count(*) - 1 as more, min(group_key * 1000000000000 + cast(item_id as integer))
    from order_lines where order_id in (select value from json_each(?)) group by order_id`)
  const count = <Asked extends readonly unknown[]>(condition: string): ((...asked: Asked) => number) => {
    const counting = client.prepare<unknown[], number>(`select count(*) from orders o where ${condition}`).pluck()
    return remember((...asked: Asked) => counting.get(...asked) ?? 0)
  }
  const placedSince = count<[number]>('o.ordered_at >= ?')
  const toShip = count<[]>(IN_WORK)
  const toNumber = count<[]>(`o.tracking_number = '' and ${IN_WORK}`)
  const failed = count<[]>(
    "o.export_state = 'error' and o.export_state <> 'none' and o.cancelled_in_cs_cart_at is null",
  )
  const dueCandidates = client.prepare<[number, string, string], OrderRow>(
    `select ${ORDER_COLUMNS} from ${DUE_CANDIDATES}`,
  )

  const allCounts = remember(() => byStatus.all())
  const countFiltered = remember((source: string, condition: string, ...values: unknown[]) =>
    tallies(`select o.status_id as "statusId", count(*) as count from ${source} ${condition} group by o.status_id`).all(
      ...values,
    ),
  )
  const countAttention = remember((condition: string, ...values: unknown[]) => {
    const sql = `select count(*) as count from ${NEEDING_ATTENTION} ${condition}`
    return attentionTallies(sql).get(...values)?.count ?? 0
  })
  const rolesById = () => new Map(roles.all().map(({ id, role }) => [id, role]))

  const rows = (filter: ListFilter, cursor: ListCursor | undefined, limit: number): Order[] => {
    const { sql, values } = pageQuery(filter, cursor)
    return pages(sql)
      .all(...values, limit)
      .map(orderOf)
  }

  /** Up to `limit` orders that the filter wants, going on from the cursor. */
  const collect = (filter: ListFilter, from: ListCursor | undefined, limit: number, rules: ShopRules) => {
    const { exportKey } = filter
    if (exportKey === undefined) return { found: rows(filter, from, limit), lookedUpTo: undefined }
    const roleOf = rolesById()
    const wanted = (order: Order) => exportKeyOf(order, rules, roleOf) === exportKey
    const found: Order[] = []
    let cursor = from
    for (let looked = 0; looked < LOOKED_AT; looked += CHUNK) {
      const chunk = rows(filter, cursor, CHUNK)
      found.push(...chunk.filter(wanted))
      const last = chunk.at(-1)
      if (!last || chunk.length < CHUNK || found.length >= limit)
        return { found: found.slice(0, limit), lookedUpTo: undefined }
      cursor = placeOf(last, from?.direction ?? 'next')
    }
    return { found, lookedUpTo: cursor }
  }

  return {
    ...attention,
    attentionCount,

    /**
     * One page of the list, newest first.
     * @param rules needed where the filter asks for a 書出状態
     */
    page(filter: ListFilter, cursor: ListCursor | undefined, limit: number, rules: ShopRules = new Map()): OrderPage {
      const back = cursor?.direction === 'previous'
      const { found, lookedUpTo } = collect(filter, cursor, limit + 1, rules)
      const more = found.length > limit || lookedUpTo !== undefined
      const orders = found.slice(0, limit)
      if (back) orders.reverse()
      const first = orders[0]
      const last = orders.at(-1)
      const hasOlder = back ? last !== undefined : more
      const hasNewer = back ? more : cursor !== undefined && first !== undefined
      return {
        orders,
        next: hasOlder ? (lookedUpTo && !back ? lookedUpTo : last && placeOf(last, 'next')) : undefined,
        previous: hasNewer && first ? placeOf(first, 'previous') : undefined,
      }
    },

    /** How many orders each tab holds; with a search or filter, how many of them meet it (書出状態 only roughly). */
    countsByStatus(filter: ListFilter): { byStatus: Map<number, number>; all: number; attention: number } {
      const where = conditionsOf({ ...filter, tab: 'all' })
      const isNarrowed = where.sql !== ''
      const counted = isNarrowed ? countFiltered(ordersBy(filter.exportKey), where.sql, ...where.values) : allCounts()
      const all = counted.reduce((sum, { count }) => sum + count, 0)
      return {
        byStatus: new Map(counted.map(({ statusId, count }) => [statusId, count])),
        all,
        attention: isNarrowed ? countAttention(where.sql, ...where.values) : attentionCount(),
      }
    },

    /** The first line of each of these orders, by order. */
    firstLinesOf: (orderIds: readonly number[]): Map<number, LineSummary> =>
      new Map(firstLines.all(JSON.stringify(orderIds)).map((line) => [line.orderId, line])),

    /**
     * ホーム's numbers; each is what the list shows under the link of the same name.
     * @param startOfToday ms UTC
     */
    counts(startOfToday: number, rules: ShopRules): OrderCounts {
      const roleOf = rolesById()
      let toExport = 0
      for (const [shopId, { fromDay, toDay }] of rules) {
        const candidates = dueCandidates.all(shopId, fromDay, toDay).map(orderOf)
        toExport += candidates.filter((order) => exportKeyOf(order, rules, roleOf) === 'waiting').length
      }
      return {
        today: placedSince(startOfToday),
        toShip: toShip(),
        toNumber: toNumber(),
        toExport,
        failed: failed(),
      }
    },
  }
}
export type OrderList = ReturnType<typeof orderList>

/**
 * A page of the list as SQL; its last parameter, the number of orders, is still to be given. The page is found among short
 * rows, and only its orders are read whole.
 */
export function pageQuery(filter: ListFilter, cursor?: ListCursor): { sql: string; values: readonly unknown[] } {
  const where = conditionsOf(filter)
  const back = cursor?.direction === 'previous'
  if (cursor) where.add(`(o.ordered_at, o.id) ${back ? '>' : '<'} (?, ?)`, cursor.orderedAt, cursor.id)
  const source = filter.tab === 'attention' ? NEEDING_ATTENTION : ordersBy(filter.exportKey)
  const way = back ? 'asc' : 'desc'
  const inOrder = `order by o.ordered_at ${way}, o.id ${way}`
  const sql = `select ${ORDER_COLUMNS} from orders o
    where o.id in (select o.id from ${source} ${where.sql} ${inOrder} limit ?) ${inOrder}`
  return { sql, values: where.values }
}

type StatusCount = { statusId: number; count: number }

const placeOf = (order: Order, direction: ListCursor['direction']): ListCursor => ({
  orderedAt: order.orderedAt,
  id: order.id,
  direction,
})

/** 発送待ち that could be written are few; by time they would be looked for among all orders. */
const ordersBy = (exportKey: ExportKey | undefined): string =>
  exportKey === 'waiting' ? 'orders o indexed by orders_unwritten_dated' : 'orders o'

function exportKeyOf(order: Order, rules: ShopRules, roles: ReadonlyMap<number, StatusRole>): ExportKey | undefined {
  const rule = rules.get(order.shopId)
  return rule && exportStatusOf(order, { ...rule, statusRole: roles.get(order.statusId) ?? null }).key
}

/** The same filter is the same text, and is prepared once. */
function preparing<Row>({ $client }: Db) {
  const known = new Map<string, Statement<unknown[], Row>>()
  return (sql: string): Statement<unknown[], Row> => {
    const statement = known.get(sql) ?? $client.prepare<unknown[], Row>(sql)
    if (known.size >= STATEMENTS) known.clear()
    known.set(sql, statement)
    return statement
  }
}
