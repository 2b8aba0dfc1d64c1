import { expect, test } from 'vitest'
import type { JobFacts } from '../../src/schedule/due.ts'
import { createScheduler } from '../../src/schedule/scheduler.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T = Date.parse('2026-11-24T08:00:00Z')

const every6Hours = (lastStart: JobFacts['lastStart']): JobFacts => ({
  shopId: 1,
  kind: 'import',
  enabled: true,
  everyMinutes: 360,
  allowed: true,
  settingsSavedAt: 1,
  running: false,
  lastStart,
  failures: undefined,
})

/**
 * A process that is started half an hour after the job last began, every six hours, and whose clock can be set.
 * @returns the minutes of real time after that last start at which the job was started again, within so many hours
 */
function startsAfter(hours: number, setClock: (minute: number) => number): number[] {
  let lastStart: JobFacts['lastStart'] = { wall: T }
  let minute = 30
  let offset = 0
  const starts: number[] = []
  const clock = () => ({ wall: T + minute * MINUTE + offset, monotonic: 1_000 + minute * MINUTE })
  const scheduler = createScheduler({
    clock,
    facts: () => [every6Hours(lastStart)],
    start: () => {
      // A run is dated a moment after the tick.
      lastStart = { wall: clock().wall + 7 }
      starts.push(minute)
      return 'started'
    },
    before: [],
    chores: [],
    log: { error: (fields, message) => console.error(message, fields) },
  })
  for (; minute <= hours * 60; minute += 1) {
    scheduler.tick()
    offset += setClock(minute)
  }
  return starts
}

test.each([
  ['an hour back', -HOUR],
  ['an hour forward', HOUR],
  ['a day back', -24 * HOUR],
  ['a day forward', 24 * HOUR],
] as const)('a clock that is set %s soon after a restart makes no job early, late or double', (_, jump) => {
  expect(startsAfter(13, (minute) => (minute === 60 ? jump : 0))).toEqual([360, 720])
})

test('nor does one that is set right after a start, or again and again', () => {
  expect(startsAfter(13, (minute) => (minute === 360 ? -24 * HOUR : 0))).toEqual([360, 720])
  expect(startsAfter(13, (minute) => (minute % 45 === 0 ? (minute % 2 === 0 ? 3 : -5) * HOUR : 0))).toEqual([360, 720])
})

test('a process that finds the last start ahead of its clock does not wait for it', () => {
  const scheduler = createScheduler({
    clock: () => ({ wall: T - 24 * HOUR, monotonic: 5 }),
    facts: () => [every6Hours({ wall: T })],
    start: () => 'started',
    before: [],
    chores: [],
    log: { error: () => {} },
  })
  expect(scheduler.jobs()).toMatchObject([{ state: 'waiting', nextAt: T - 24 * HOUR }])
})
