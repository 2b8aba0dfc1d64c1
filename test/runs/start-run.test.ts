import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CsCartError } from '../../src/errors.ts'
import { LeaseLost, type RunKind, type RunTrigger } from '../../src/runs/run.ts'
import { cancelRun, type RunHandle, stopAll } from '../../src/runs/start-run.ts'
import { countsAndItems, gate, runsBench } from './support.ts'

let bench: ReturnType<typeof runsBench>
beforeEach(() => {
  bench = runsBench()
})
afterEach(() => bench.close())

const waitForAbort = (run: RunHandle) =>
  new Promise<void>((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)))

test('of two starts at once one runs, and the other is shown the one that does', async () => {
  const wait = gate()
  const first = bench.start({}, () => wait.opened)
  const second = bench.start({ trigger: 'schedule' })
  expect(first.started).toBe(true)
  expect(second).toMatchObject({ started: false, running: { id: first.started && first.run.id, state: 'running' } })
  wait.open()
  if (first.started) expect(await first.done).toMatchObject({ state: 'succeeded' })
  expect(bench.start().started).toBe(true)
})

test('another kind and another shop run beside it', async () => {
  const wait = gate()
  const started = [
    bench.start({}, () => wait.opened),
    bench.start({ kind: 'export' }, () => wait.opened),
    bench.start({ shopId: bench.otherShopId }, () => wait.opened),
  ]
  expect(started.map((one) => one.started)).toEqual([true, true, true])
  expect(bench.runs.allRunning()).toHaveLength(3)
  wait.open()
  await Promise.all(started.map((one) => one.started && one.done))
  expect(bench.runs.allRunning()).toEqual([])
})

test('2,000 triggers within a second never work twice at once per shop and kind, and each refusal is said', async () => {
  const working = new Map<string, number>()
  let most = 0
  let ran = 0
  let refused = 0
  const ends: Promise<unknown>[] = []
  const began = performance.now()
  for (let i = 0; i < 2_000; i += 1) {
    const shopId = i % 2 === 0 ? bench.shopId : bench.otherShopId
    const kind: RunKind = i % 3 === 0 ? 'export' : 'import'
    const trigger: RunTrigger = i % 5 === 0 ? 'manual' : 'schedule'
    const started = bench.start({ shopId, kind, trigger }, async (run) => {
      const key = `${shopId} ${kind}`
      working.set(key, (working.get(key) ?? 0) + 1)
      most = Math.max(most, ...working.values())
      await nextTurn()
      run.record([{ outcome: 'created' }])
      working.set(key, (working.get(key) ?? 0) - 1)
    })
    if (started.started) {
      ran += 1
      ends.push(started.done)
    } else {
      expect(started.running.state).toBe('running')
      refused += 1
    }
    if (i % 7 === 0) await nextTurn()
  }
  const tookMs = performance.now() - began
  await Promise.all(ends)
  expect(tookMs).toBeLessThan(1_000)
  expect(most).toBe(1)
  expect(ran + refused).toBe(2_000)
  expect(Math.min(ran, refused)).toBeGreaterThan(10)
  expect(bench.db.$client.prepare('select count(*) from runs').pluck().get()).toBe(ran)
  expect(countsAndItems(bench)).toEqual([])
})

test('the shop failing is the reason of the run; what was done before stays and makes it 一部失敗', async () => {
  const run = await bench.ended({}, async (handle) => {
    handle.record([{ outcome: 'created', csCartOrderId: 5 }])
    throw new CsCartError('rate_limited', { status: 429 })
  })
  expect(run).toMatchObject({ state: 'partial', reason: 'rate_limited', detail: 'HTTP 429', created: 1 })
  expect(await bench.ended({}, () => Promise.reject(new CsCartError('unauthorized')))).toMatchObject({
    state: 'failed',
    reason: 'unauthorized',
  })
})

test('a bug in the work fails the run, is logged with its stack and reaches nobody else', async () => {
  const run = await bench.ended({}, async () => {
    throw new TypeError('x is undefined')
  })
  expect(run).toMatchObject({ state: 'failed', reason: 'unexpected', detail: null })
  expect(bench.logged).toContainEqual({
    level: 'error',
    fields: expect.objectContaining({ runId: run.id, err: expect.any(TypeError) }),
    message: 'run failed unexpectedly',
  })
})

test('「中止」 from another request ends the run after its present step, and what was done stays', async () => {
  const started = bench.start({}, async (run) => {
    run.record([{ outcome: 'created' }])
    await waitForAbort(run)
  })
  if (!started.started) throw new Error('not started')
  await nextTurn()
  expect(cancelRun(bench.deps, started.run.id)).toBe(true)
  expect(bench.runs.find(started.run.id)).toMatchObject({ cancelRequested: true })
  expect(await started.done).toMatchObject({ state: 'cancelled', reason: 'cancelled_by_staff', created: 1 })
  expect(cancelRun(bench.deps, started.run.id)).toBe(false)
})

test('work that returns quietly after 「中止」 is 中止 and not 成功', async () => {
  const wait = gate()
  const started = bench.start({}, () => wait.opened)
  if (!started.started) throw new Error('not started')
  cancelRun(bench.deps, started.run.id)
  wait.open()
  expect(await started.done).toMatchObject({ state: 'cancelled' })
})

test('a stop of the process interrupts every run, waits for its step and takes no new one', async () => {
  const ends = [bench.start({}, waitForAbort), bench.start({ kind: 'export' }, waitForAbort)]
  await stopAll(bench.deps)
  for (const one of ends) if (one.started) expect((await one.done).state).toBe('interrupted')
  expect(bench.runs.allRunning()).toEqual([])
  expect(() => bench.start()).toThrow('終了しています')
})

test('work that does not stop in time is marked 中断, and can write nothing afterwards', async () => {
  const wait = gate()
  let thrown: unknown
  const started = bench.start({}, async (run) => {
    await wait.opened
    try {
      run.record([{ outcome: 'created' }])
    } catch (error) {
      thrown = error
      throw error
    }
  })
  if (!started.started) throw new Error('not started')
  await nextTurn()
  await stopAll(bench.deps, 20)
  expect(bench.runs.find(started.run.id)).toMatchObject({ state: 'interrupted' })
  wait.open()
  expect(await started.done).toMatchObject({ state: 'interrupted', created: 0 })
  expect(thrown).toBeInstanceOf(LeaseLost)
})

test('a stale holder is refused after a restart took its lease and a second run began', async () => {
  const wait = gate()
  const attempts: unknown[] = []
  const attempt = (write: () => void) => {
    try {
      write()
      attempts.push('written')
    } catch (error) {
      attempts.push(error)
    }
  }
  const stale = bench.start({}, async (run) => {
    run.record([{ outcome: 'created', csCartOrderId: 1 }])
    await wait.opened
    attempt(() => run.record([{ outcome: 'created', csCartOrderId: 2 }]))
    attempt(() => run.save(() => attempts.push('written')))
    attempt(() => run.found(99))
    expect(run.signal.aborted).toBe(true)
    throw new Error('whatever the work does then')
  })
  if (!stale.started) throw new Error('not started')
  await nextTurn()
  expect(bench.runs.interruptRunning(bench.clock.now().getTime())).toMatchObject([
    { id: stale.run.id, state: 'interrupted' },
  ])
  const second = bench.start({ trigger: 'recovery', continuesRunId: stale.run.id }, (run) => waitForAbort(run))
  if (!second.started) throw new Error('not started')

  wait.open()
  const ended = await stale.done
  expect(attempts).toEqual([expect.any(LeaseLost), expect.any(LeaseLost), expect.any(LeaseLost)])
  expect(ended).toMatchObject({ id: stale.run.id, state: 'interrupted', created: 1, found: null })
  expect(bench.runs.find(second.run.id)).toMatchObject({ state: 'running', created: 0, found: null })
  expect(countsAndItems(bench)).toEqual([])
  await stopAll(bench.deps)
})

test('items and their counts share the transaction of the order writes', async () => {
  const run = await bench.ended({}, async (handle) => {
    const broken = bench.db.$client.transaction(() => {
      handle.record([{ outcome: 'created' }])
      throw new CsCartError('invalid_text')
    })
    expect(broken).toThrow(CsCartError)
    handle.record([{ outcome: 'failed', reason: 'invalid_text' }])
  })
  expect(run).toMatchObject({ created: 0, failed: 1, state: 'failed' })
  expect(countsAndItems(bench)).toEqual([])
})

test('progress is written at most every half second, and the last number always', async () => {
  const setFound = vi.spyOn(bench.runs, 'setFound')
  const run = await bench.ended({}, async (handle) => {
    for (let n = 1; n <= 100; n += 1) {
      handle.found(n)
      bench.clock.advance(50)
    }
    expect(setFound).toHaveBeenCalledTimes(10)
    bench.clock.advance(-3_600_000)
    handle.found(101)
    handle.found(102)
    handle.record([{ outcome: 'created' }])
    expect(bench.runs.find(handle.id)?.found).toBe(102)
    handle.found(103)
  })
  expect(run.found).toBe(103)
})

test('a clock that is set back gives no negative duration', async () => {
  const run = await bench.ended({}, async () => bench.clock.advance(-86_400_000))
  expect(run.finishedAt).toBe(run.startedAt)
})
