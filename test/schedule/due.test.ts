import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Clock, due, type JobFacts, jobOf, pauseAfter } from '../../src/schedule/due.ts'

const MINUTE = 60_000
const T = Date.parse('2026-11-24T00:00:00Z')
const clock = (minutes: number): Clock => ({ wall: T + minutes * MINUTE, monotonic: 1_000_000 + minutes * MINUTE })

const facts = (over: Partial<JobFacts> = {}): JobFacts => ({
  shopId: 1,
  kind: 'import',
  enabled: true,
  everyMinutes: 10,
  allowed: true,
  settingsSavedAt: 1,
  running: false,
  lastStart: { wall: T },
  failures: undefined,
  ...over,
})

const failed = (count: number, reason: string, at = T, settingsSavedAt: number | undefined = 1) => ({
  count,
  since: T,
  latest: { id: 7, at, reason, settingsSavedAt },
})

test('a job that never ran is due at once, and one that is switched off, running or not contracted never', () => {
  expect(due([facts({ lastStart: undefined })], clock(0))).toHaveLength(1)
  for (const over of [{ enabled: false }, { running: true }, { allowed: false }]) {
    expect(due([facts({ lastStart: undefined, ...over })], clock(1_000))).toEqual([])
  }
})

test('a job waits for its interval, and a tick that comes a little early still counts', () => {
  expect(due([facts()], clock(9))).toEqual([])
  expect(due([facts()], clock(9.99))).toHaveLength(1)
  expect(jobOf(facts(), clock(4)).nextAt).toBe(T + 10 * MINUTE)
})

test('the next run is a whole number of milliseconds, whatever the monotonic clock counts in', () => {
  const last = { wall: T, monotonic: 1_000_000.25 }
  expect(jobOf(facts({ lastStart: last }), clock(4)).nextAt).toBe(T + 10 * MINUTE)
})

test('a job missed while the process was down is due once, not once for each missed interval', () => {
  const after = clock(6 * 60)
  expect(due([facts()], after)).toHaveLength(1)
  expect(due([facts({ lastStart: { wall: after.wall, monotonic: after.monotonic } })], after)).toEqual([])
})

test('a clock set back, by an hour or a day, holds no job up for longer than its interval', () => {
  for (const back of [60, 24 * 60]) {
    const mono = 1_000_000
    const inProcess = facts({ lastStart: { wall: T, monotonic: mono } })
    expect(due([inProcess], { wall: T - back * MINUTE, monotonic: mono + 5 * MINUTE })).toEqual([])
    expect(due([inProcess], { wall: T - back * MINUTE, monotonic: mono + 10 * MINUTE })).toHaveLength(1)
    // After a restart only the wall clock is known: a start in the future cannot be waited for.
    expect(due([facts()], { wall: T - back * MINUTE, monotonic: 1 })).toHaveLength(1)
  }
})

test('a clock set forward starts nothing twice', () => {
  const inProcess = facts({ lastStart: { wall: T, monotonic: 0 } })
  expect(due([inProcess], { wall: T + 24 * 60 * MINUTE, monotonic: 2 * MINUTE })).toEqual([])
})

test('pauses after failures grow to an hour and are never longer than said', () => {
  const most = [1, 2, 5, 10, 30, 60, 60, 60]
  for (const [index, minutes] of most.entries()) {
    for (const runId of [1, 2, 3, 999]) {
      const pause = pauseAfter(index + 1, runId)
      expect(pause).toBeLessThanOrEqual(minutes * MINUTE)
      expect(pause).toBeGreaterThanOrEqual(minutes * MINUTE * 0.8)
    }
  }
})

test('what may pass is tried again after its pause, sooner or later than the interval', () => {
  const once = facts({ failures: failed(1, 'timeout') })
  expect(due([once], clock(0.5))).toEqual([])
  expect(due([once], clock(1))).toHaveLength(1)
  const often = facts({ everyMinutes: 5, failures: failed(6, 'unavailable') })
  expect(due([often], clock(40))).toEqual([])
  expect(due([often], clock(60))).toHaveLength(1)
})

test('a pause does not outlast a clock that was set back', () => {
  expect(due([facts({ failures: failed(6, 'timeout', T + 24 * 60 * MINUTE) })], clock(0))).toHaveLength(1)
})

test('a clock set back by any time during a pause makes it no longer than it was', () => {
  for (const back of [1, 10, 50, 60, 90]) {
    const job = jobOf(facts({ failures: failed(1, 'timeout', T + back * MINUTE) }), clock(0))
    expect([back, (job.nextAt ?? 0) - T]).toEqual([back, 0])
  }
})

test('a clock that is set in the middle of a pause neither shortens nor lengthens it', () => {
  const failures = failed(6, 'timeout')
  const paused = facts({ failures: { ...failures, latest: { ...failures.latest, monotonic: 1_000_000 } } })
  const pause = pauseAfter(6, 7)
  for (const set of [-24 * 60, -30, 0, 30, 24 * 60]) {
    const after = (minutes: number): Clock => ({
      wall: T + (minutes + set) * MINUTE,
      monotonic: 1_000_000 + minutes * MINUTE,
    })
    const left = (jobOf(paused, after(40)).nextAt ?? 0) - after(40).wall
    expect([set, left]).toEqual([set, pause - 40 * MINUTE])
    expect(due([paused], after(39))).toEqual([])
    expect(due([paused], after(60))).toHaveLength(1)
  }
})

test('a run that says nothing of the shop after a failure is followed by the next one after its interval', () => {
  const quiet = facts({ lastStart: { wall: T + 5 * MINUTE }, failures: failed(1, 'timeout') })
  expect(due([quiet], clock(6))).toEqual([])
  expect(due([quiet], clock(15))).toHaveLength(1)
})

test('what waiting cannot mend rests until the settings are saved', () => {
  for (const reason of ['unauthorized', 'forbidden', 'redirected', 'storefront']) {
    const stopped = facts({ failures: failed(1, reason) })
    expect(jobOf(stopped, clock(10_000)).state).toBe('stopped')
    expect(due([stopped], clock(10_000))).toEqual([])
    // At once, however long its interval is.
    expect(due([{ ...stopped, everyMinutes: 1_440, settingsSavedAt: 2 }], clock(1))).toHaveLength(1)
  }
})

test('whatever the clock does, a job is started once per interval of real time, and within a tick of being due', () => {
  const step = fc.record({
    lateMs: fc.integer({ min: -400, max: 20_000 }),
    jump: fc.constantFrom(0, 0, 0, 0, -60, 60, -1440, 1440),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(5, 10, 15, 60),
      fc.array(step, { minLength: 60, maxLength: 200 }),
      (everyMinutes, steps) => {
        let monotonic = 0
        let offset = 0
        let last: JobFacts['lastStart']
        let lastMonotonic: number | undefined
        let tick = 0
        for (const { lateMs, jump } of steps) {
          tick += 1
          offset += jump * MINUTE
          monotonic = Math.max(monotonic, tick * MINUTE + lateMs)
          const now = { wall: T + monotonic + offset, monotonic }
          if (due([facts({ everyMinutes, lastStart: last })], now).length === 0) continue
          if (lastMonotonic !== undefined) {
            expect(monotonic - lastMonotonic).toBeGreaterThanOrEqual((everyMinutes - 0.5) * MINUTE)
            expect(monotonic - lastMonotonic).toBeLessThanOrEqual((everyMinutes + 1) * MINUTE + 20_400)
          }
          last = now
          lastMonotonic = monotonic
        }
        expect(lastMonotonic).toBeDefined()
      },
    ),
  )
})
