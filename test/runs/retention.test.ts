import { afterEach, beforeEach, expect, test } from 'vitest'
import { runItems } from '../../src/db/schema.ts'
import { forgetOldRuns, KEEP_RUNS_DAYS } from '../../src/runs/forget-old-runs.ts'
import { countsAndItems, runsBench } from './support.ts'

const DAY = 86_400_000
let bench: ReturnType<typeof runsBench>
beforeEach(() => {
  bench = runsBench()
})
afterEach(() => bench.close())

const manual = () =>
  bench.ended({}, async (run) => run.record([{ outcome: 'created' }, { outcome: 'unchanged', count: 9 }]))
const ids = () => bench.runs.page({}, undefined, 1_000).runs.map((run) => run.id)

test('runs older than 90 days go with their items, younger ones stay', async () => {
  for (let i = 0; i < 45; i += 1) await manual()
  bench.clock.advance(60 * DAY)
  const kept = [await manual(), await manual()]
  bench.clock.advance(31 * DAY)
  expect(KEEP_RUNS_DAYS).toBe(90)
  expect(await forgetOldRuns(bench.deps)).toBe(45)
  expect(ids()).toEqual(kept.map((run) => run.id).reverse())
  expect(bench.db.select().from(runItems).all()).toHaveLength(4)
  expect(countsAndItems(bench)).toEqual([])
  expect(await forgetOldRuns(bench.deps)).toBe(0)
})

test('it deletes few at a time', async () => {
  for (let i = 0; i < 10; i += 1) await manual()
  expect(bench.runs.deleteOlderThan(bench.clock.now().getTime() + 1, 4)).toBe(4)
  expect(ids()).toEqual([10, 9, 8, 7, 6, 5])
})

test('a run that still works is never deleted, nor the newest of a shop and kind', async () => {
  const stuck = bench.runs.claim(
    { shopId: bench.shopId, kind: 'export', trigger: 'manual' },
    bench.clock.now().getTime(),
  )
  await manual()
  const newest = await manual()
  bench.clock.advance(400 * DAY)
  expect(await forgetOldRuns(bench.deps)).toBe(1)
  expect(ids().sort()).toEqual([stuck.claimed && stuck.run.id, newest.id].sort())
})

test('a folded row stays as long as the newest run in it', async () => {
  const first = await bench.ended({ trigger: 'schedule' })
  bench.clock.advance(80 * DAY)
  await bench.ended({ trigger: 'schedule' })
  bench.clock.advance(20 * DAY)
  await manual()
  expect(await forgetOldRuns(bench.deps)).toBe(0)
  expect(ids()).toContain(first.id)
  bench.clock.advance(71 * DAY)
  // The clock still reads its job off the newest of its own.
  expect(await forgetOldRuns(bench.deps)).toBe(0)
  await bench.ended({ trigger: 'schedule' }, async (run) => run.record([{ outcome: 'created' }]))
  expect(await forgetOldRuns(bench.deps)).toBe(1)
})
