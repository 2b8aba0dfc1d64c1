import { afterEach, beforeEach, expect, test } from 'vitest'
import { CsCartError } from '../../src/errors.ts'
import type { NewRunItem } from '../../src/runs/run.ts'
import { countsAndItems, runsBench } from './support.ts'

const MINUTE = 60_000
let bench: ReturnType<typeof runsBench>
beforeEach(() => {
  bench = runsBench()
})
afterEach(() => bench.close())

const scheduled = (items: NewRunItem[] = [{ outcome: 'unchanged', count: 3 }]) => {
  bench.clock.advance(10 * MINUTE)
  return bench.ended({ trigger: 'schedule' }, async (run) => run.record(items))
}
const rows = () => bench.runs.page({}, undefined, 500).runs

test('a day of 144 runs of which one failed and one found an order is five rows, not 144', async () => {
  for (let i = 0; i < 144; i += 1) {
    if (i === 50) {
      bench.clock.advance(10 * MINUTE)
      await bench.ended({ trigger: 'schedule' }, () => Promise.reject(new CsCartError('timeout')))
    } else await scheduled(i === 100 ? [{ outcome: 'created' }] : undefined)
  }
  expect(rows().map((run) => [run.state, run.created, run.repeats])).toEqual([
    ['succeeded', 0, 43],
    ['succeeded', 1, 1],
    ['succeeded', 0, 49],
    ['failed', 0, 1],
    ['succeeded', 0, 50],
  ])
  expect(countsAndItems(bench)).toEqual([])
})

test('a folded row keeps its own start and says when the last of them started', async () => {
  const first = await scheduled()
  await scheduled()
  const last = await scheduled()
  expect(last).toMatchObject({ id: first.id, startedAt: first.startedAt, repeats: 3 })
  expect(last.lastRepeatAt).toBe(first.startedAt + 20 * MINUTE)
})

test('the last success is that of the newest folded run', async () => {
  const first = await scheduled()
  expect(bench.runs.lastSuccess(bench.shopId, 'import')).toBe(first.finishedAt)
  await scheduled()
  expect(bench.runs.lastSuccess(bench.shopId, 'import')).toBe(first.startedAt + 10 * MINUTE)
  expect(bench.runs.lastScheduledStart(bench.shopId, 'import')).toBe(first.startedAt + 10 * MINUTE)
  expect(bench.runs.lastSuccess(bench.shopId, 'export')).toBeUndefined()
})

test('a failed run is no success, one whose single orders failed is', async () => {
  const good = await scheduled()
  bench.clock.advance(MINUTE)
  await bench.ended({}, async (run) => {
    run.record([{ outcome: 'created' }])
    throw new CsCartError('connection_lost')
  })
  expect(bench.runs.lastSuccess(bench.shopId, 'import')).toBe(good.finishedAt)
  const partial = await scheduled([{ outcome: 'created' }, { outcome: 'failed', reason: 'unexpected_shape' }])
  expect(bench.runs.lastSuccess(bench.shopId, 'import')).toBe(partial.finishedAt)
})

test('what a person started, what another shop did and what changed something is never folded', async () => {
  await scheduled()
  await bench.ended({ trigger: 'manual' })
  await scheduled()
  await bench.ended({ trigger: 'schedule', kind: 'export' })
  await bench.ended({ trigger: 'schedule', shopId: bench.otherShopId })
  await scheduled([{ outcome: 'changed' }])
  await bench.ended({ trigger: 'schedule', dryRun: true })
  expect(rows().map((run) => run.repeats)).toEqual([1, 1, 1, 1, 1, 1, 1])
})

test('the address of a folded run leads to the row that it went into', async () => {
  const first = await scheduled()
  let ownId = 0
  await bench.ended({ trigger: 'schedule' }, async (run) => {
    ownId = run.id
  })
  expect(ownId).not.toBe(first.id)
  expect(bench.runs.find(ownId)).toMatchObject({ id: first.id, repeats: 2 })
})

test('a start that the contract does not allow is one row, however often the clock comes by', () => {
  const skip = (reason: 'not_contracted' | 'no_room') => {
    bench.clock.advance(10 * MINUTE)
    const at = bench.clock.now().getTime()
    return bench.runs.skip({ shopId: bench.shopId, kind: 'export', trigger: 'schedule', reason }, at)
  }
  expect(skip('not_contracted')).toMatchObject({ isNew: true, run: { state: 'skipped', reason: 'not_contracted' } })
  expect(skip('not_contracted').isNew).toBe(false)
  expect(skip('not_contracted')).toMatchObject({ isNew: false, run: { repeats: 3 } })
  expect(rows()).toHaveLength(1)
  expect(skip('no_room').isNew).toBe(true)
  expect(bench.runs.lastScheduledStart(bench.shopId, 'export')).toBeUndefined()
  expect(bench.start({ kind: 'export' }).started).toBe(true)
})

test('failures in a row count from the last run that got through, and pass over what says nothing', async () => {
  const fails = async (reason: 'timeout' | 'unauthorized') => {
    bench.clock.advance(MINUTE)
    return bench.ended({ trigger: 'schedule' }, () => Promise.reject(new CsCartError(reason)))
  }
  await fails('timeout')
  await scheduled()
  expect(bench.runs.failuresInARow(bench.shopId, 'import')).toBeUndefined()
  const first = await fails('timeout')
  const cut = bench.start()
  bench.runs.interruptRunning(bench.clock.now().getTime())
  if (cut.started) await cut.done
  const last = await fails('unauthorized')
  const failed = bench.runs.failuresInARow(bench.shopId, 'import')
  expect(failed).toMatchObject({ count: 2, since: first.startedAt, latest: { id: last.id, reason: 'unauthorized' } })
})

test('the newest run is the last one started, also after the clock was set back a day', async () => {
  await scheduled([{ outcome: 'created' }])
  bench.clock.advance(-86_400_000)
  const newest = await scheduled([{ outcome: 'created', count: 2 }])
  expect(bench.runs.latest(bench.shopId, 'import')?.id).toBe(newest.id)
  expect(bench.runs.lastSuccess(bench.shopId, 'import')).toBe(newest.finishedAt)
})
