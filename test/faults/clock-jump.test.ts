import { expect, test } from 'vitest'
import { clockJump } from '../soak/clock-jump.ts'

// By Debian's faketime where it is installed. Most of it is waiting.
test.concurrent.each([
  ['an hour on', 1],
  ['an hour back', -1],
  ['a day on', 24],
  ['a day back', -24],
  ["to the month's end", 'month end'],
] as const)(
  'a clock that is set %s while runs work: the next ones come within their interval and a minute, once, and none ends before it began',
  async (_, by) => {
    const { waited, starts, faults } = await clockJump(by)
    expect(faults).toEqual([])
    expect(starts).toEqual({ import: 2, export: 2 })
    for (const ms of Object.values(waited)) expect(ms).toBeLessThan(120_000)
  },
  240_000,
)
