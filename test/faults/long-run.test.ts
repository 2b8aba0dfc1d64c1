import { expect, test } from 'vitest'
import { longRun } from '../soak/long-run.ts'

// Ten shops for a week, which are 40,000 runs, are part of `npm run soak`.
test('two shops for a day and a night: every run when it is due, none twice, and nothing grows', async () => {
  const { runs, rss, walMost, sockets, faults } = await longRun({ shops: 2, minutes: 1_440 })
  expect(faults).toEqual([])
  expect(runs).toBeGreaterThan(1_100)
  expect(rss.before).toBeGreaterThan(0)
  expect(rss.after / rss.before).toBeLessThan(1.1)
  expect(walMost).toBeLessThan(64 * 1024 * 1024)
  expect(sockets).toBe(0)
}, 240_000)
