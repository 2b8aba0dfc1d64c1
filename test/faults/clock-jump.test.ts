import { expect, test } from 'vitest'
import { clockJump } from '../soak/clock-jump.ts'

// By Debian's faketime where it is installed. Most of it is waiting.
test.concurrent.each([1, -1, 24, -24])(
  'a clock that is set by %i hours while runs work: the next ones come within their interval and a minute, once, and none ends before it began',
  async (hours) => {
    const { waited, starts, faults } = await clockJump(hours)
    expect(faults).toEqual([])
    expect(starts).toEqual({ import: 2, export: 2 })
    for (const ms of Object.values(waited)) expect(ms).toBeLessThan(120_000)
  },
  240_000,
)
