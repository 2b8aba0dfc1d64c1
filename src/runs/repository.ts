import { alias, and, desc, eq, inArray, lt, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { inBulk, ofRuns } from '../db/remember.ts'
import { runs } from '../db/schema.ts'
import type { FailureReason } from '../failures.ts'
import { runItemWriter } from './item-repository.ts'
import { jobReader } from './job-repository.ts'
import { logReader } from './log-repository.ts'
import {
  closedAs,
  foundNothingToDo,
  LeaseLost,
  type NewRunItem,
  type Run,
  type RunEnding,
  type RunKind,
  type RunStart,
} from './run.ts'

export type RunRepository = ReturnType<typeof runRepository>

/** What a start that must not happen is written down as: 「実行せず」. */
export type SkippedStart = Pick<RunStart, 'shopId' | 'kind' | 'trigger' | 'request'> & { reason: FailureReason }

/** How and when (ms UTC) a run ended, and how many orders it had found by then. */
type Ending = { ending: RunEnding; at: number; found?: number | undefined }

/** A running run as it is once it has ended so. */
const ended = (run: Run, { ending, at, found }: Ending): Run => ({
  ...run,
  ...closedAs(run, ending),
  detail: ending.how === 'failed' ? (ending.detail ?? null) : null,
  finishedAt: Math.max(at, run.startedAt),
  found: found ?? run.found,
})

/**
 * The table of runs. Every write of a run names its id and `state = 'running'`, so that a run that lost its lease writes nothing.
 * An ending that cannot be written (disk full) is kept here in memory, is what every read of this repository shows, and is
 * written once there is room: at the next claim, or by `saveUnsaved`.
 */
export function runRepository(db: Db) {
  const client = db.$client
  const items = runItemWriter(db)
  const unsaved = new Map<number, Ending>()
  /** Scheduled runs that went into an earlier row, for pages that still look at them; the process's memory only. */
  const foldedInto = new Map<number, number>()

  const claimOne = db
    .insert(runs)
    .values({
      shopId: sql.placeholder('shopId'),
      kind: sql.placeholder('kind'),
      trigger: sql.placeholder('trigger'),
      state: 'running',
      accountId: sql.placeholder('accountId'),
      request: sql.placeholder('request'),
      startedAt: sql.placeholder('startedAt'),
      dryRun: sql.placeholder('dryRun'),
      continuesRunId: sql.placeholder('continuesRunId'),
    })
    .onConflictDoNothing()
    .returning()
    .prepare()
  const byId = db
    .select()
    .from(runs)
    .where(eq(runs.id, sql.placeholder('id')))
    .prepare()
  const allRunning = db.select().from(runs).where(eq(runs.state, 'running')).orderBy(runs.id).prepare()
  const runningOf = db
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.shopId, sql.placeholder('shopId')),
        eq(runs.kind, sql.placeholder('kind')),
        eq(runs.state, 'running'),
      ),
    )
    .prepare()
  const isRunning = client.prepare<[number]>("select 1 from runs where id = ? and state = 'running'").pluck()
  const setFound = client.prepare<[number, number]>("update runs set found = ? where id = ? and state = 'running'")
  const setCancelRequested = client.prepare<[number]>(
    "update runs set cancel_requested = 1 where id = ? and state = 'running'",
  )
  const close = client.prepare(
    `update runs set state = @state, finished_at = @finishedAt, reason = @reason, detail = @detail, found = @found
     where id = @id and state = 'running'`,
  )
  const remove = client.prepare<[number]>("delete from runs where id = ? and state <> 'running'")
  const addRepeat = client.prepare<[number, number]>(
    "update runs set repeats = repeats + 1, last_repeat_at = ? where id = ? and state <> 'running'",
  )

  /** A run as it is, with the ending that the disk had no room for. */
  function shown(run: Run): Run {
    const kept = run.state === 'running' ? unsaved.get(run.id) : undefined
    return kept ? ended(run, kept) : run
  }

  function shownById(id: number): Run | undefined {
    const run = byId.get({ id })
    return run && shown(run)
  }

  const find = (id: number): Run | undefined => shownById(foldedInto.get(id) ?? id)

  const jobs = jobReader(db, shownById)

  /** A scheduled run that found nothing to do joins the row before it when that is such a run too. */
  function fold(run: Run): Run {
    if (run.trigger !== 'schedule' || !foundNothingToDo(run)) return run
    const before = jobs.newest(run.shopId, run.kind, 2).find((other) => other.id !== run.id)
    if (before?.trigger !== 'schedule' || !foundNothingToDo(before) || before.dryRun !== run.dryRun) return run
    addRepeat.run(run.startedAt, before.id)
    remove.run(run.id)
    foldedInto.set(run.id, before.id)
    for (const id of foldedInto.keys()) {
      if (foldedInto.size <= 1_000) break
      foldedInto.delete(id)
    }
    return find(before.id) ?? run
  }

  const writeEnding = client.transaction((id: number, ending: Ending): Run => {
    const run = byId.get({ id })
    if (!run) throw new LeaseLost(id)
    const after = ended(run, ending)
    const { state, finishedAt, reason, detail, found } = after
    if (close.run({ id, state, finishedAt, reason, detail, found }).changes === 0) throw new LeaseLost(id)
    return fold(after)
  })

  /** Writes the endings kept in memory. Returns true when none is left; never throws. */
  function saveUnsaved(): boolean {
    for (const [id, ending] of unsaved) {
      try {
        writeEnding(id, ending)
        unsaved.delete(id)
      } catch (error) {
        if (!(error instanceof LeaseLost)) return false
        unsaved.delete(id)
      }
    }
    return true
  }

  return {
    /**
     * Takes the one place that a shop has for a run of a kind, by the unique index: there is no moment between looking and taking.
     * @throws SqliteError when nothing can be written (disk full)
     */
    claim(start: RunStart, at: number): { claimed: true; run: Run } | { claimed: false; running: Run | undefined } {
      saveUnsaved()
      const row = {
        shopId: start.shopId,
        kind: start.kind,
        trigger: start.trigger,
        accountId: start.accountId ?? null,
        request: start.request ?? {},
        startedAt: at,
        dryRun: start.dryRun ?? false,
        continuesRunId: start.continuesRunId ?? null,
      }
      const run = ofRuns(db, () => claimOne.get(row))
      return run ? { claimed: true, run } : { claimed: false, running: runningOf.get(start) }
    },

    /** Adds items and their numbers to the run's counts in one transaction (or in the caller's). @throws LeaseLost */
    record(id: number, newItems: NewRunItem[], at: number, found?: number): void {
      if (unsaved.has(id)) throw new LeaseLost(id)
      items.record(id, newItems, at, found)
    },

    /** Progress: how many orders there are to do. @throws LeaseLost */
    setFound(id: number, found: number): void {
      if (inBulk(db, () => setFound.run(found, id).changes) === 0) throw new LeaseLost(id)
    },

    /**
     * Does a run's writes in one transaction, or none of them where the run is over.
     * @returns what `write` returned
     * @throws LeaseLost when the run is over, whoever ended it; SqliteError
     */
    save<T>(id: number, write: () => T): T {
      return db.transaction(
        () => {
          if (isRunning.get(id) === undefined || unsaved.has(id)) throw new LeaseLost(id)
          return write()
        },
        { behavior: 'immediate' },
      )
    },

    /** Notes that a person pressed 「中止」. Returns false when the run was over already. */
    requestCancel(id: number): boolean {
      return setCancelRequested.run(id).changes === 1
    },

    /**
     * Closes a run; its state follows from the ending and its counts. A scheduled run that found nothing to do may be folded into
     * the row before it, which is then what comes back.
     * @returns the run as it ended, also when the disk had no room for that: `saved` is false then
     * @throws LeaseLost when the run was over already
     */
    finish(id: number, how: RunEnding, at: number, found?: number): { run: Run; saved: boolean; error?: unknown } {
      const ending: Ending = { ending: how, at, found }
      try {
        return { run: writeEnding(id, ending), saved: true }
      } catch (error) {
        if (error instanceof LeaseLost) throw error
        const run = byId.get({ id })
        if (!run) throw new LeaseLost(id)
        unsaved.set(id, ending)
        return { run: shown(run), saved: false, error }
      }
    },

    saveUnsaved,
    /** How many endings wait for room on the disk. */
    unsavedCount: (): number => unsaved.size,

    /**
     * Writes down that a start did not happen: one row 「実行せず」, however often the clock comes by with the same reason.
     * @returns the row, and whether it is new (say it once)
     */
    skip(start: SkippedStart, at: number): { run: Run; isNew: boolean } {
      const last = db
        .select()
        .from(runs)
        .where(and(eq(runs.shopId, start.shopId), eq(runs.kind, start.kind), eq(runs.trigger, start.trigger)))
        .orderBy(desc(runs.id))
        .limit(1)
        .get()
      if (start.trigger === 'schedule' && last?.state === 'skipped' && last.reason === start.reason) {
        addRepeat.run(at, last.id)
        return { run: { ...last, repeats: last.repeats + 1, lastRepeatAt: at }, isNew: false }
      }
      const { reason, ...rest } = start
      const row = {
        ...rest,
        request: start.request ?? {},
        state: 'skipped' as const,
        reason,
        startedAt: at,
        finishedAt: at,
      }
      return { run: db.insert(runs).values(row).returning().get(), isNew: true }
    },

    find,

    /** The run of a shop and kind that works just now. */
    running(shopId: number, kind: RunKind): Run | undefined {
      const run = runningOf.get({ shopId, kind })
      return run && !unsaved.has(run.id) ? run : undefined
    },

    /** All that works just now, oldest first. */
    allRunning(): Run[] {
      return allRunning.all().filter((run) => !unsaved.has(run.id))
    },

    ...jobs,
    ...logReader(db, shown),

    /**
     * Marks every running row 「中断」: for start-up, when nothing of ours can be running. Where the disk has no room for that,
     * the runs are shown so all the same, and it is written once there is. Returns them as they are now.
     */
    interruptRunning(at: number): Run[] {
      saveUnsaved()
      const cutOff = allRunning.all()
      for (const run of cutOff) unsaved.set(run.id, { ending: { how: 'interrupted' }, at })
      saveUnsaved()
      return cutOff.map((run) => find(run.id) ?? run)
    },

    /**
     * Deletes the oldest runs that ended before `cutoff` (ms UTC), with their items, `limit` at most in one transaction.
     * Never a running one, and never the newest of a shop, kind and trigger: the clock reads the job's state off them.
     * @returns how many were deleted; fewer than `limit` means that none is left
     */
    deleteOlderThan(cutoff: number, limit: number): number {
      const newer = alias(runs, 'newer')
      // Asked run by run: the index leads to it at once, while a list of all newest ones would look through the whole log.
      const newestOfSameJob = db
        .select({ id: sql`max(${newer.id})` })
        .from(newer)
        .where(and(eq(newer.shopId, runs.shopId), eq(newer.kind, runs.kind), eq(newer.trigger, runs.trigger)))
      const old = db
        .select({ id: runs.id })
        .from(runs)
        .where(
          and(
            sql`${runs.state} <> 'running'`,
            sql`coalesce(${runs.lastRepeatAt}, ${runs.finishedAt}) < ${cutoff}`,
            sql`${runs.startedAt} < ${cutoff}`,
            lt(runs.id, newestOfSameJob),
          ),
        )
        .orderBy(runs.startedAt, runs.id)
        .limit(limit)
      return db.delete(runs).where(inArray(runs.id, old)).run().changes
    },
  }
}
