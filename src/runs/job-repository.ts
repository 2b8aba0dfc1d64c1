import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import type { Run, RunKind } from './run.ts'

/** Runs in a row that failed as a whole: since when (ms UTC), and the newest of them. */
export type FailedInARow = { count: number; since: number; latest: Run }

/** Runs that look at the whole shop: importing a few numbers, or an old period, says nothing about the job. */
const WHOLE = `(kind = 'export' or coalesce(json_extract(request, '$.mode'), 'days') in ('days', 'scheduled'))`
/** The shop could be worked with; single orders may have failed. An export that found nothing to write has not asked it. */
const GOOD = `(state = 'succeeded' or (state = 'partial' and reason is null)) and ${WHOLE}
  and (kind = 'import' or created + changed + unchanged + done + skipped + failed > 0)`
/** The shop (or we) failed as a whole. Runs that were cut short, not made or still work say nothing and are passed over. */
const BAD = `state in ('partial', 'failed') and reason is not null and reason <> 'not_contracted' and ${WHOLE}`
/** Started by the clock, or going on with what the clock had started. */
const OF_THE_CLOCK = `(trigger = 'schedule' or (trigger = 'recovery'
  and (json_extract(request, '$.mode') = 'scheduled' or json_extract(request, '$.by') = 'clock')))`

/**
 * What the clock, ホーム and the shops' rows read off the runs of one shop and kind, always by id: after the clock was set
 * back, the newest run has not the latest start. Only what runs that have ended, or were begun, say is kept in memory: both are
 * written one by one. Part of `runRepository`.
 * @param byId a run as every reader must see it (see runRepository)
 */
export function jobReader(db: Db, byId: (id: number) => Run | undefined) {
  type Of = [number, RunKind]
  const client = db.$client
  const remember = remembering(db)
  const OF = 'from runs where shop_id = ? and kind = ?'
  const newestIds = client.prepare<[...Of, number], number>(`select id ${OF} order by id desc limit ?`).pluck()
  const newestScheduledId = client.prepare<Of, number>(`select max(id) ${OF} and trigger = 'schedule'`).pluck()
  const lastStart = client
    .prepare<Of, number>(
      `select coalesce(last_repeat_at, started_at) ${OF} and ${OF_THE_CLOCK} and state <> 'skipped' order by id desc limit 1`,
    )
    .pluck()
  const lastGood = client.prepare<Of, { id: number; at: number; repeats: number }>(
    `select id, coalesce(last_repeat_at, finished_at) as at, repeats ${OF} and ${GOOD} order by id desc limit 1`,
  )
  const badSince = client.prepare<[...Of, number], { count: number; first: number | null; latest: number | null }>(
    `select count(*) as count, min(id) as first, max(id) as latest ${OF} and id > ? and ${BAD}`,
  )
  const lastDecisiveBefore = client
    .prepare<[...Of, number], number>(
      `select reason is null ${OF} and id < ? and ((${GOOD}) or (${BAD})) order by id desc limit 1`,
    )
    .pluck()

  /** The newest runs of a shop and kind, newest first. */
  const newest = (shopId: number, kind: RunKind, limit: number): Run[] =>
    newestIds.all(shopId, kind, limit).flatMap((id) => byId(id) ?? [])

  return {
    newest,

    /** The newest run of a shop and kind, running or over. */
    latest(shopId: number, kind: RunKind): Run | undefined {
      return newest(shopId, kind, 1)[0]
    },

    /** The newest run of a shop and kind that the clock made, or wrote down as 「実行せず」. */
    newestScheduled(shopId: number, kind: RunKind): Run | undefined {
      const id = newestScheduledId.get(shopId, kind)
      return typeof id === 'number' ? byId(id) : undefined
    },

    /**
     * When the clock last started this job (ms UTC), whatever came of it. Going on with what a person had started is no start
     * of the clock's, and runs that were not made (実行せず) do not count.
     */
    lastScheduledStart: remember((shopId: number, kind: RunKind): number | undefined => lastStart.get(shopId, kind)),

    /**
     * When a run of this kind last looked at the whole shop (ms UTC). Single orders that failed do not take that away;
     * a run that ended early does. Folded runs count with the newest of them.
     */
    lastSuccess: remember((shopId: number, kind: RunKind): number | undefined => lastGood.get(shopId, kind)?.at),

    /**
     * When the job got through again after failures (ms UTC): recovery is said too, until the run after it has got through
     * as well.
     */
    recoveredAt: remember((shopId: number, kind: RunKind): number | undefined => {
      const good = lastGood.get(shopId, kind)
      if (!good || good.repeats > 1 || badSince.get(shopId, kind, good.id)?.count !== 0) return undefined
      return lastDecisiveBefore.get(shopId, kind, good.id) === 0 ? good.at : undefined
    }),

    /** Runs in a row that ended early because the shop (or we) failed as a whole, since the last one that got through. */
    failuresInARow: remember((shopId: number, kind: RunKind): FailedInARow | undefined => {
      const bad = badSince.get(shopId, kind, lastGood.get(shopId, kind)?.id ?? 0)
      const latest = bad?.latest ? byId(bad.latest) : undefined
      const first = bad?.first ? byId(bad.first) : undefined
      return bad && latest && first && { count: bad.count, since: first.startedAt, latest }
    }),
  }
}
