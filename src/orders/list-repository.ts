import { setImmediate as turn } from 'node:timers/promises'
import type { Statement } from 'better-sqlite3'
import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import { attentionReader } from './attention-repository.ts'
import { type ExportKey, exportStatusOf, type ShopExportRule } from './export-status.ts'
import { conditionsOf, countReadsOrders, DUE_CANDIDATES, FAILED, IN_WORK, readsOrders } from './list-conditions.ts'
import type { ListCursor, ListFilter } from './list-filter.ts'
import {
  type ListPlace,
  NEEDING_ATTENTION,
  pageQuery,
  type Query,
  type Step,
  stepQuery,
  tallyQuery,
} from './list-query.ts'
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
const STATEMENTS = 200

/** 受注一覧: pages by keyset, so that the last of a million orders is as near as the first. */
export function orderList(db: Db) {
  const client = db.$client
  const attention = attentionReader(db)
  const remember = remembering(db, { withoutRuns: true })
  const attentionCount = remember(attention.attentionCount)
  const pages = preparing<OrderRow>(db)
  const places = preparing<ListPlace>(db)
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
  const failed = count<[]>(FAILED)
  const dueCandidates = client.prepare<[number, string, string], OrderRow>(
    `select ${ORDER_COLUMNS} from ${DUE_CANDIDATES}`,
  )

  const allCounts = remember(() => byStatus.all())
  const tally = ({ sql, values }: Query) => tallies(sql).all(...values)
  const countNarrowed = remember(async (filter: ListFilter): Promise<StatusCount[]> => {
    if (!countReadsOrders(filter)) return tally(tallyQuery(filter))
    const counts: StatusCount[] = []
    for (let step = stepFrom(filter, undefined); ; step = stepFrom(filter, step.end)) {
      counts.push(...tally(tallyQuery(filter, step)))
      if (!step.end) return counts
      await turn()
    }
  })
  const countAttention = remember((condition: string, ...values: unknown[]) => {
    const sql = `select count(*) as count from ${NEEDING_ATTENTION} ${condition}`
    return attentionTallies(sql).get(...values)?.count ?? 0
  })
  const rolesById = () => new Map(roles.all().map(({ id, role }) => [id, role]))

  /** The next step of the list after `from`, among whose orders those are that the filter wants. */
  const stepFrom = (filter: ListFilter, from: ListCursor | undefined): Step => {
    const { sql, values } = stepQuery(filter, from)
    const end = places(sql).get(...values)
    return { from, end: end && { ...end, direction: from?.direction ?? 'next' } }
  }

  const rows = (filter: ListFilter, step: Step, limit: number): Order[] => {
    const { sql, values } = pageQuery(filter, step)
    return pages(sql)
      .all(...values, limit)
      .map(orderOf)
  }

  /** Up to `limit` orders that the filter wants, going on from the cursor. */
  const collect = async (filter: ListFilter, cursor: ListCursor | undefined, limit: number, rules: ShopRules) => {
    const { exportKey } = filter
    const inSteps = readsOrders(filter)
    const roleOf = rolesById()
    const found: Order[] = []
    let from = cursor
    for (let looked = 0; ; ) {
      const step = inSteps ? stepFrom(filter, from) : { from, end: undefined }
      const most = exportKey === undefined ? limit - found.length : CHUNK
      const chunk = rows(filter, step, most)
      looked += chunk.length
      found.push(...chunk.filter((order) => exportKey === undefined || exportKeyOf(order, rules, roleOf) === exportKey))
      const last = chunk.length === most ? chunk.at(-1) : undefined
      from = last ? placeOf(last, cursor?.direction ?? 'next') : step.end
      if (!from || found.length >= limit) return { found: found.slice(0, limit), lookedUpTo: undefined }
      if (looked >= LOOKED_AT) return { found, lookedUpTo: from }
      await turn()
    }
  }

  return {
    ...attention,
    attentionCount,

    /**
     * One page of the list, newest first.
     * @param rules needed where the filter asks for a 書出状態
     */
    async page(
      filter: ListFilter,
      cursor: ListCursor | undefined,
      limit: number,
      rules: ShopRules = new Map(),
    ): Promise<OrderPage> {
      const back = cursor?.direction === 'previous'
      const { found, lookedUpTo } = await collect(filter, cursor, limit + 1, rules)
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
    async countsByStatus(
      asked: ListFilter,
    ): Promise<{ byStatus: Map<number, number>; all: number; attention: number }> {
      const filter: ListFilter = { ...asked, tab: 'all' }
      const where = conditionsOf(filter)
      const isNarrowed = where.sql !== ''
      const counted = isNarrowed ? await countNarrowed(filter) : allCounts()
      const byStatus = new Map<number, number>()
      let all = 0
      for (const { statusId, count } of counted) {
        byStatus.set(statusId, (byStatus.get(statusId) ?? 0) + count)
        all += count
      }
      const attention = isNarrowed ? countAttention(where.sql, ...where.values) : attentionCount()
      return { byStatus, all, attention }
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

type StatusCount = { statusId: number; count: number }

const placeOf = (order: Order, direction: ListCursor['direction']): ListCursor => ({
  orderedAt: order.orderedAt,
  id: order.id,
  direction,
})

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
