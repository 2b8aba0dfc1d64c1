import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { runs } from '../db/schema.ts'
import type { Run, RunKind } from './run.ts'

/** Runs that say whether the shop can be worked with; the others were cut short, not made, or still work. */
const ENDED: ReadonlySet<string> = new Set(['succeeded', 'partial', 'failed'])

/** Runs in a row that failed as a whole: since when (ms UTC), and the newest of them. */
export type FailedInARow = { count: number; since: number; latest: Run }

/**
 * What the clock, ホーム and the shops' rows read off the runs of one shop and kind. Part of `runRepository`.
 * @param shown a run as every reader must see it (see runRepository)
 */
export function jobReader(db: Db, shown: (run: Run) => Run) {
  const newestOf = db
    .select()
    .from(runs)
    .where(and(eq(runs.shopId, sql.placeholder('shopId')), eq(runs.kind, sql.placeholder('kind'))))
    // By id, not by time: after the clock was set back, the newest run has not the latest start.
    .orderBy(desc(runs.id))
    .limit(sql.placeholder('limit'))
    .prepare()

  // Prepared: every page's header asks for it, and building the query took a sixth of a page's time.
  const successOf = db
    .select({ lastRepeatAt: runs.lastRepeatAt, finishedAt: runs.finishedAt })
    .from(runs)
    .where(
      and(
        eq(runs.shopId, sql.placeholder('shopId')),
        eq(runs.kind, sql.placeholder('kind')),
        sql`(${runs.state} = 'succeeded' or (${runs.state} = 'partial' and ${runs.reason} is null))`,
      ),
    )
    .orderBy(desc(runs.id))
    .limit(1)
    .prepare()

  /** The newest runs of a shop and kind, newest first. */
  const newest = (shopId: number, kind: RunKind, limit: number): Run[] =>
    newestOf.all({ shopId, kind, limit }).map(shown)

  return {
    newest,

    /** The newest run of a shop and kind, running or over. */
    latest(shopId: number, kind: RunKind): Run | undefined {
      return newest(shopId, kind, 1)[0]
    },

    /** The newest run of a shop and kind that the clock made, or wrote down as 「実行せず」. */
    newestScheduled(shopId: number, kind: RunKind): Run | undefined {
      return db
        .select()
        .from(runs)
        .where(and(eq(runs.shopId, shopId), eq(runs.kind, kind), eq(runs.trigger, 'schedule')))
        .orderBy(desc(runs.id))
        .limit(1)
        .get()
    },

    /** When the clock last started this job (ms UTC), whatever came of it; runs that were not made (実行せず) do not count. */
    lastScheduledStart(shopId: number, kind: RunKind): number | undefined {
      const run = db
        .select()
        .from(runs)
        .where(
          and(
            eq(runs.shopId, shopId),
            eq(runs.kind, kind),
            inArray(runs.trigger, ['schedule', 'recovery']),
            sql`${runs.state} <> 'skipped'`,
          ),
        )
        .orderBy(desc(runs.id))
        .limit(1)
        .get()
      return run && (run.lastRepeatAt ?? run.startedAt)
    },

    /**
     * When a run of this kind last looked at everything (ms UTC). Single orders that failed do not take that away;
     * a run that ended early does. Folded runs count with the newest of them.
     */
    lastSuccess(shopId: number, kind: RunKind): number | undefined {
      const run = successOf.get({ shopId, kind })
      return run && (run.lastRepeatAt ?? run.finishedAt ?? undefined)
    },

    /** When the job got through again after failures (ms UTC), as long as no later run has ended: recovery is said too. */
    recoveredAt(shopId: number, kind: RunKind): number | undefined {
      const [last, before] = newest(shopId, kind, 50).filter((run) => ENDED.has(run.state))
      if (!last || last.reason !== null || before === undefined || before.reason === null) return undefined
      return last.lastRepeatAt ?? last.finishedAt ?? undefined
    },

    /**
     * Runs in a row that ended early because the shop (or we) failed as a whole, since the last one that got through.
     * Runs that a person or a stop cut short, that were not made, or that still work, say nothing and are passed over.
     */
    failuresInARow(shopId: number, kind: RunKind): FailedInARow | undefined {
      const recent = newest(shopId, kind, 200).filter((run) => ENDED.has(run.state))
      const good = recent.findIndex((run) => run.reason === null)
      const failed = good === -1 ? recent : recent.slice(0, good)
      const latest = failed[0]
      const first = failed.at(-1)
      return latest && first && { count: failed.length, since: first.startedAt, latest }
    },
  }
}
