import { failureOf } from '../failures.ts'

/** Two clocks: the wall may be set by anybody at any time, the monotonic one only goes forward while we live. Both ms. */
export type Clock = { wall: number; monotonic: number }

/** When the clock last started a job. `monotonic`: the same moment by the other clock, where it is known. */
export type LastStart = { wall: number; monotonic?: number | undefined }

/** Runs in a row that failed since the last one that did not, whoever started them. */
export type Failures = {
  count: number
  since: number
  latest: {
    id: number
    /** Wall clock, and the same moment by the other clock where it is known. */
    at: number
    monotonic?: number | undefined
    reason: string
    settingsSavedAt: number | undefined
  }
}

/** All that decides about one job of one shop; every part is read afresh at each tick. */
export type JobFacts = {
  shopId: number
  kind: 'import' | 'export'
  enabled: boolean
  everyMinutes: number
  /** false: the job needs the APIオプション, and it is not in force today. */
  allowed: boolean
  /** Changes when a person saves the settings. */
  settingsSavedAt: number
  running: boolean
  lastStart: LastStart | undefined
  failures: Failures | undefined
}

export type Job = JobFacts & {
  state: 'off' | 'not_allowed' | 'running' | 'stopped' | 'paused' | 'waiting'
  /** Wall clock, ms UTC; undefined where the job will not start by itself. */
  nextAt: number | undefined
}

const MINUTE = 60_000
const PAUSES_MINUTES = [1, 2, 5, 10, 30, 60] as const
/** Ticks come a minute apart and seldom on the dot: a job due within half a minute is due at this tick. */
const TOLERANCE = MINUTE / 2

/**
 * How long to wait after `failures` runs failed in a row: 1, 2, 5, 10, 30, then 60 minutes, less up to a fifth so that
 * several shops of one server do not come back in step. The jitter is a function of the run, so that every look agrees.
 */
export function pauseAfter(failures: number, runId: number): number {
  const minutes = PAUSES_MINUTES[Math.min(failures, PAUSES_MINUTES.length) - 1] ?? 1
  const jitter = ((runId * 2_654_435_761) % 1000) / 1000
  return Math.round(minutes * MINUTE * (1 - 0.2 * jitter))
}

/** ms since the job was last started. A start in the future means that the clock was set back: long enough ago. */
function sinceLastStart(last: LastStart | undefined, clock: Clock): number {
  if (!last) return Number.POSITIVE_INFINITY
  if (last.monotonic !== undefined) return clock.monotonic - last.monotonic
  const since = clock.wall - last.wall
  return since < 0 ? Number.POSITIVE_INFINITY : since
}

function pauseLeft(failures: Failures, clock: Clock): number {
  const pause = pauseAfter(failures.count, failures.latest.id)
  const { monotonic } = failures.latest
  if (monotonic !== undefined) return pause - (clock.monotonic - monotonic)
  const left = failures.latest.at + pause - clock.wall
  // More than the whole pause can only be a clock that was set back in the meantime.
  return left > pause ? 0 : left
}

function wasStartedSince({ latest }: Failures, last: LastStart | undefined): boolean {
  if (!last) return false
  if (last.monotonic !== undefined && latest.monotonic !== undefined) return last.monotonic > latest.monotonic
  return last.wall > latest.at
}

/** true where waiting cannot mend what the last run failed of, and nobody has saved the settings since. */
function rests(facts: JobFacts): boolean {
  const latest = facts.failures?.latest
  return (
    latest !== undefined && !failureOf(latest.reason).waitingMends && latest.settingsSavedAt === facts.settingsSavedAt
  )
}

/** true where the job rested and the settings were saved since: that is what it was waiting for. */
function isMended(facts: JobFacts): boolean {
  const latest = facts.failures?.latest
  if (latest?.settingsSavedAt === undefined || failureOf(latest.reason).waitingMends) return false
  return latest.settingsSavedAt !== facts.settingsSavedAt
}

/** What the clock makes of a job's facts right now. */
export function jobOf(facts: JobFacts, clock: Clock): Job {
  const job = (state: Job['state'], inMs?: number): Job => ({
    ...facts,
    state,
    nextAt: inMs === undefined ? undefined : Math.round(clock.wall + Math.max(0, inMs)),
  })
  if (!facts.enabled) return job('off')
  if (!facts.allowed) return job('not_allowed')
  if (facts.running) return job('running')
  if (rests(facts)) return job('stopped')
  const untilNext = facts.everyMinutes * MINUTE - sinceLastStart(facts.lastStart, clock)
  if (facts.failures && failureOf(facts.failures.latest.reason).waitingMends) {
    const left = pauseLeft(facts.failures, clock)
    // A run since then has shown neither that the shop is well nor that it is not, as an export with nothing to write.
    return job('paused', wasStartedSince(facts.failures, facts.lastStart) ? Math.max(left, untilNext) : left)
  }
  if (isMended(facts)) return job('waiting', 0)
  return job('waiting', untilNext)
}

/** true when the job is to be started at this tick. */
export function isDue(job: Job, clock: Clock): boolean {
  if (job.nextAt === undefined) return false
  // A pause is kept to the second; an interval forgives a tick that came a little early.
  return job.nextAt - clock.wall <= (job.state === 'waiting' ? TOLERANCE : 0)
}

/** The jobs to start now, the one that has waited longest first. */
export function due(facts: JobFacts[], clock: Clock): Job[] {
  return facts
    .map((each) => jobOf(each, clock))
    .filter((job) => isDue(job, clock))
    .sort((a, b) => (a.lastStart?.wall ?? 0) - (b.lastStart?.wall ?? 0))
}
