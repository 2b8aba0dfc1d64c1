import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cancelRun } from '../../src/runs/start-run.ts'
import { countsAndItems, runsBench } from './support.ts'

let bench: ReturnType<typeof runsBench>
beforeEach(() => {
  bench = runsBench()
})
afterEach(() => {
  vi.useRealTimers()
  bench.close()
})

const block = () => bench.db.$client.pragma('query_only = on')
const free = () => bench.db.$client.pragma('query_only = off')

test('a run that the disk had no room for fails with that reason, and its orders so far stay counted', async () => {
  const run = await bench.ended({}, async (handle) => {
    handle.record([{ outcome: 'created' }])
    const pages = bench.db.$client.pragma('page_count', { simple: true })
    bench.db.$client.pragma(`max_page_count = ${pages}`)
    try {
      handle.record([{ outcome: 'failed', reason: 'rejected', detail: 'x'.repeat(200_000) }])
    } finally {
      bench.db.$client.pragma('max_page_count = 1000000')
    }
  })
  expect(run).toMatchObject({ state: 'partial', reason: 'no_room', created: 1, failed: 0 })
  expect(countsAndItems(bench)).toEqual([])
})

test('an ending that cannot be written is shown all the same, and written once there is room', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const run = await bench.ended({}, async (handle) => {
    handle.record([{ outcome: 'created' }])
    block()
  })
  const stored = () => bench.db.$client.prepare('select state from runs where id = ?').pluck().get(run.id)
  expect(run).toMatchObject({ state: 'succeeded', created: 1 })
  expect(stored()).toBe('running')
  expect(bench.runs.find(run.id)).toMatchObject({ state: 'succeeded', finishedAt: run.finishedAt })
  expect(bench.runs.page({}, undefined, 10).runs[0]).toMatchObject({ id: run.id, state: 'succeeded' })
  expect(bench.runs.latest(bench.shopId, 'import')).toMatchObject({ state: 'succeeded' })
  expect(bench.runs.allRunning()).toEqual([])
  expect(bench.runs.running(bench.shopId, 'import')).toBeUndefined()
  expect(bench.runs.unsavedCount()).toBe(1)

  vi.advanceTimersByTime(20_000)
  expect(bench.runs.unsavedCount()).toBe(1)
  free()
  vi.advanceTimersByTime(5_000)
  expect(bench.runs.unsavedCount()).toBe(0)
  expect(stored()).toBe('succeeded')
})

test('the next start writes what waited, and runs', async () => {
  await bench.ended({}, async () => {
    block()
  })
  expect(() => bench.start()).toThrow(expect.objectContaining({ code: 'SQLITE_READONLY' }))
  free()
  expect(await bench.ended()).toMatchObject({ state: 'succeeded' })
  expect(bench.runs.unsavedCount()).toBe(0)
  expect(bench.runs.page({}, undefined, 10).runs.map((run) => run.state)).toEqual(['succeeded', 'succeeded'])
})

test('「中止」 stops a run although the wish cannot be saved', async () => {
  const started = bench.start(
    {},
    (run) => new Promise((_, no) => run.signal.addEventListener('abort', () => no(run.signal.reason))),
  )
  if (!started.started) throw new Error('not started')
  await nextTurn()
  block()
  expect(cancelRun(bench.deps, started.run.id)).toBe(true)
  expect(await started.done).toMatchObject({ state: 'cancelled' })
  free()
})

test('rows found running at start-up are 中断 also while nothing can be written', () => {
  const at = bench.clock.now().getTime()
  const claim = bench.runs.claim({ shopId: bench.shopId, kind: 'import', trigger: 'schedule' }, at)
  block()
  expect(bench.runs.interruptRunning(at - 5_000)).toMatchObject([{ state: 'interrupted', finishedAt: at }])
  expect(bench.runs.allRunning()).toEqual([])
  free()
  expect(bench.runs.saveUnsaved()).toBe(true)
  expect(claim.claimed && bench.runs.find(claim.run.id)).toMatchObject({ state: 'interrupted', reason: 'interrupted' })
})

test('a database that is gone at the end of a run brings down nothing', async () => {
  const other = runsBench()
  const run = await other.ended({}, async () => other.close())
  expect(run.id).toBeGreaterThan(0)
  expect(other.logged.at(-1)).toMatchObject({ level: 'error' })
})
