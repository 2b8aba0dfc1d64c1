import { Cron } from 'croner'
import type { FailureReason } from '../failures.ts'
import { type Clock, due, type Failures, type Job, type JobFacts, jobOf } from './due.ts'

type Log = { error: (fields: object, message: string) => void }

export type SchedulerDeps = {
  clock: () => Clock
  /** The facts of every job of every shop, read afresh. The monotonic times are filled in here. */
  facts: () => JobFacts[]
  /**
   * Starts the operation of a job; `running` where one was at work already (the database's lock decides, not we), else why it
   * could not even begin. Never throws.
   */
  start: (job: Job) => 'started' | 'running' | FailureReason
  /** Work that comes before the jobs of a tick. */
  before: (() => void)[]
  /** Work that is not a shop's job and cheap when there is nothing to do; called at each tick. */
  chores: ((clock: Clock) => void)[]
  log: Log
}

export type Scheduler = ReturnType<typeof createScheduler>

/** A run is dated a moment after the tick that starts it, and clocks are put right by little: that is not ahead. */
const SLACK_MS = 60_000

/** One tick a minute that asks `due`, and remembers nothing but when, by the monotonic clock, what is stored happened. */
export function createScheduler(deps: SchedulerDeps) {
  const moments = new Map<string, { wall: number; monotonic: number }>()
  /** Jobs that could not even begin, and so left no run that would tell: as good as failed runs. */
  const notBegun = new Map<string, Failures>()
  let cron: Cron | undefined
  let lastTick: number | undefined

  const keyOf = (job: JobFacts) => `${job.shopId}:${job.kind}`

  /**
   * A stored moment of the wall clock by the monotonic one, as it was when this process first saw it: from then on nobody can move
   * it by setting the clock. One that lies ahead is of a clock that was set back while we were not there: long ago.
   */
  function monotonicOf(what: string, wall: number, clock: Clock): number {
    const known = moments.get(what)
    if (known?.wall === wall) return known.monotonic
    const since = clock.wall - wall
    const monotonic = since < -SLACK_MS ? Number.NEGATIVE_INFINITY : clock.monotonic - Math.max(0, since)
    moments.set(what, { wall, monotonic })
    return monotonic
  }

  /** The jobs' facts with what this process knows better than the wall clock. */
  function facts(): JobFacts[] {
    const clock = deps.clock()
    return deps.facts().map((job) => {
      const key = keyOf(job)
      const { lastStart } = job
      const failures = notBegun.get(key) ?? job.failures
      return {
        ...job,
        lastStart: lastStart && { ...lastStart, monotonic: monotonicOf(`start ${key}`, lastStart.wall, clock) },
        failures: failures && {
          ...failures,
          latest: { ...failures.latest, monotonic: monotonicOf(`failure ${key}`, failures.latest.at, clock) },
        },
      }
    })
  }

  /** Starts what is due. Never throws: a tick that fails is logged, and the next one tries again. */
  function tick(): void {
    const clock = deps.clock()
    lastTick = clock.monotonic
    for (const work of deps.before) guarded('the work before a tick failed', work)
    guarded('the tick could not tell what is due', () => {
      for (const job of due(facts(), clock)) {
        const outcome = deps.start(job)
        if (outcome === 'started' || outcome === 'running') notBegun.delete(keyOf(job))
        else notBegun.set(keyOf(job), oneMore(job, outcome, clock))
        // The next job would wait for the same disk, and the whole process with it.
        if (outcome === 'no_room') break
      }
      // What has just been started is seen now, and not when the clock may have been set meanwhile.
      facts()
    })
    for (const chore of deps.chores) guarded('a chore of the clock failed', () => chore(clock))
  }

  function oneMore(job: Job, reason: FailureReason, { wall }: Clock): Failures {
    const before = notBegun.get(keyOf(job))
    return {
      count: (before?.count ?? 0) + 1,
      since: before?.since ?? wall,
      latest: { id: job.shopId, at: wall, reason, settingsSavedAt: job.settingsSavedAt },
    }
  }

  function guarded(message: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      deps.log.error({ err: error }, message)
    }
  }

  return {
    tick,
    /** What each job does next, for ホーム and the shops' rows. */
    jobs(): Job[] {
      const clock = deps.clock()
      return facts().map((job) => jobOf(job, clock))
    },
    /** Ticks at once, so that what was missed while the process was down is caught up, and then each minute. */
    start(): void {
      cron ??= new Cron('* * * * *', { catch: (error) => deps.log.error({ err: error }, 'the tick failed') }, tick)
      tick()
    },
    stop(): void {
      cron?.stop()
      cron = undefined
    },
    isStarted: (): boolean => cron !== undefined,
    /** true while ticks come: for /readyz. */
    isTicking(): boolean {
      return lastTick !== undefined && deps.clock().monotonic - lastTick < 150_000
    },
  }
}
