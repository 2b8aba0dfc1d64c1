import { and, asc, desc, eq, gt, gte, inArray, lt, or, type SQL, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { accounts, runItems, runs, shops } from '../db/schema.ts'
import type { Run, RunItem, RunOutcome } from './run.ts'
import type { NamedRun } from './run-csv.ts'
import type { RunCursor, RunFilter } from './run-filter.ts'

/**
 * What the pages of 自動処理ログ read. Part of `runRepository`.
 * @param shown a run as every reader must see it (see runRepository)
 */
export function logReader(db: Db, shown: (run: Run) => Run) {
  const named = () =>
    db
      .select({ run: runs, shopName: shops.name, accountEmail: accounts.email })
      .from(runs)
      .innerJoin(shops, eq(shops.id, runs.shopId))
      .leftJoin(accounts, eq(accounts.id, runs.accountId))
  const newestFirst = [desc(runs.startedAt), desc(runs.id)]
  // What everybody opens, and what is asked for again while a run works.
  const firstPage = named()
    .orderBy(...newestFirst)
    .limit(sql.placeholder('limit'))
    .prepare()
  const byIds = named()
    .where(inArray(runs.id, sql`(select value from json_each(${sql.placeholder('ids')}))`))
    .orderBy(runs.id)
    .prepare()
  // In the index alone, however few of many runs match; the runs themselves are read for what it finds.
  const idsOf = (where: SQL, limit: number) =>
    db
      .select({ id: runs.id })
      .from(runs)
      .where(where)
      .orderBy(...newestFirst)
      .limit(limit)
  const allShops = db.select({ id: shops.id, name: shops.name }).from(shops).orderBy(shops.name, shops.id).prepare()
  const nameOf = (row: { run: Run; shopName: string; accountEmail: string | null }): NamedRun => ({
    ...shown(row.run),
    shopName: row.shopName,
    accountEmail: row.accountEmail,
  })

  return {
    /**
     * One page of the log, newest first, below `cursor`. Rows that arrive meanwhile shift no page.
     * @returns `next`: the cursor of the page below, undefined on the last one
     */
    page(
      filter: RunFilter,
      cursor: RunCursor | undefined,
      limit: number,
    ): { runs: NamedRun[]; next: RunCursor | undefined } {
      const where = and(matches(filter), cursor && below(cursor))
      const rows = where
        ? named()
            .where(inArray(runs.id, idsOf(where, limit + 1)))
            .orderBy(...newestFirst)
            .all()
        : firstPage.all({ limit: limit + 1 })
      const last = rows.length > limit ? rows[limit - 1]?.run : undefined
      return { runs: rows.slice(0, limit).map(nameOf), next: last && { startedAt: last.startedAt, id: last.id } }
    },

    /** All shops by name, for the filter's choice; also those without a run. */
    shops: (): { id: number; name: string }[] => allShops.all(),

    /** These runs with their names, oldest first; ids that are gone are left out. */
    namedRuns(ids: number[]): NamedRun[] {
      if (ids.length === 0) return []
      return byIds.all({ ids: JSON.stringify(ids) }).map(nameOf)
    },

    /** Items of a run in the order in which they were done, after `afterId`. */
    items(
      runId: number,
      options: { outcome?: RunOutcome | undefined; afterId?: number; limit: number },
    ): { items: RunItem[]; next: number | undefined } {
      const { outcome, afterId = 0, limit } = options
      const rows = db
        .select()
        .from(runItems)
        .where(and(eq(runItems.runId, runId), gt(runItems.id, afterId), outcome && eq(runItems.outcome, outcome)))
        .orderBy(asc(runItems.id))
        .limit(limit + 1)
        .all()
      return { items: rows.slice(0, limit), next: rows.length > limit ? rows[limit - 1]?.id : undefined }
    },

    /** All orders of a run that failed, for 「失敗分を再実行」. */
    failedItems(runId: number): Pick<RunItem, 'orderId' | 'csCartOrderId' | 'reason'>[] {
      return db
        .select({ orderId: runItems.orderId, csCartOrderId: runItems.csCartOrderId, reason: runItems.reason })
        .from(runItems)
        .where(and(eq(runItems.runId, runId), eq(runItems.outcome, 'failed')))
        .orderBy(asc(runItems.id))
        .all()
    },

    /** The runs that go on from a run (再開, 失敗分を再実行), oldest first, ten at most. */
    continuedBy(runId: number): Run[] {
      return db
        .select()
        .from(runs)
        .where(and(gt(runs.id, runId), eq(runs.continuesRunId, runId)))
        .orderBy(runs.id)
        .limit(10)
        .all()
        .map(shown)
    },
  }
}

const below = (cursor: RunCursor) =>
  // A row value: SQLite walks the index (started_at, id) straight to the place.
  sql`(${runs.startedAt}, ${runs.id}) < (${cursor.startedAt}, ${cursor.id})`

function matches(filter: RunFilter): SQL | undefined {
  const { kind, trigger, state, shopId, from, to } = filter
  return and(
    kind && eq(runs.kind, kind),
    trigger && inArray(runs.trigger, trigger === 'schedule' ? ['schedule', 'recovery'] : [trigger]),
    state && eq(runs.state, state),
    // The plus keeps SQLite from the index by shop, whose runs it would have to read and sort, all of them.
    shopId === undefined ? undefined : sql`+${runs.shopId} = ${shopId}`,
    to === undefined ? undefined : lt(runs.startedAt, to),
    // A folded row stands for every start up to the last repeat.
    from === undefined ? undefined : or(gte(runs.startedAt, from), gte(runs.lastRepeatAt, from)),
  )
}
