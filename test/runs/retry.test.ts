import Fastify from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runRoutes } from '../../src/runs/routes.ts'
import type { Run } from '../../src/runs/run.ts'
import type { StartedRun } from '../../src/runs/start-run.ts'
import { gate, runsBench } from './support.ts'

let bench: ReturnType<typeof runsBench>
let flashed: string[]
beforeEach(() => {
  bench = runsBench()
  flashed = []
})
afterEach(() => bench.close())

/** The routes alone, with furniture that answers a page's data as JSON. */
async function routes(retry?: (run: Run, by: { accountId: number }) => StartedRun) {
  const app = Fastify()
  app.decorateReply('page', async (_name: string, data: Record<string, unknown> = {}) =>
    Buffer.from(JSON.stringify(data)),
  )
  app.decorateReply('part', async (_name: string, data: Record<string, unknown> = {}) =>
    Buffer.from(JSON.stringify(data)),
  )
  app.decorateRequest('isPartial', false)
  app.decorateRequest('account', { getter: () => ({ id: 3, email: 'staff@example.jp', role: 'staff' as const }) })
  app.decorateRequest('flash', (_kind: string, text: string) => {
    flashed.push(text)
  })
  await app.register(runRoutes, {
    runs: bench.runs,
    now: bench.clock.now,
    timeZone: 'Asia/Tokyo',
    ...(retry ? { retry } : {}),
  })
  return app
}
const failedRun = () =>
  bench.ended({}, async (run) =>
    run.record([{ outcome: 'created' }, { outcome: 'failed', csCartOrderId: 7, reason: 'timeout' }]),
  )

test('「失敗分を再実行」 runs just the failed orders and leads to the new run', async () => {
  const run = await failedRun()
  const asked: unknown[] = []
  const app = await routes((failed, by) => {
    asked.push([by, bench.runs.failedItems(failed.id)])
    return bench.start({ trigger: 'manual', continuesRunId: failed.id }, async (handle) =>
      handle.record([{ outcome: 'created' }]),
    )
  })
  expect((await app.inject(`/runs/${run.id}`)).json()).toMatchObject({ retryIsPossible: true })
  const answer = await app.inject({ method: 'POST', url: `/runs/${run.id}/retry` })
  expect(answer.statusCode).toBe(303)
  expect(asked).toEqual([[{ accountId: 3 }, [{ orderId: null, csCartOrderId: 7, reason: 'timeout' }]]])
  expect(bench.runs.latest(bench.shopId, 'import')).toMatchObject({ continuesRunId: run.id })
  expect(answer.headers.location).toBe(`/runs/${bench.runs.latest(bench.shopId, 'import')?.id}`)
})

test('while another run of the shop works, it says so and shows that one', async () => {
  const run = await failedRun()
  const wait = gate()
  const running = bench.start({}, () => wait.opened)
  const app = await routes((failed) => bench.start({ continuesRunId: failed.id }))
  const answer = await app.inject({ method: 'POST', url: `/runs/${run.id}/retry` })
  expect(answer.headers.location).toBe(`/runs/${running.started && running.run.id}`)
  expect(flashed).toEqual([expect.stringContaining('取込が実行中')])
  wait.open()
})

test('there is nothing to run again in a run that goes on, or of which nothing failed', async () => {
  const good = await bench.ended({}, async (run) => run.record([{ outcome: 'created' }]))
  const wait = gate()
  const running = bench.start({}, async (run) => {
    run.record([{ outcome: 'failed', reason: 'timeout' }])
    await wait.opened
  })
  const app = await routes(() => {
    throw new Error('must not be asked')
  })
  await new Promise(setImmediate)
  for (const id of [good.id, running.started ? running.run.id : 0]) {
    expect((await app.inject(`/runs/${id}`)).json()).toMatchObject({ retryIsPossible: false })
    const answer = await app.inject({ method: 'POST', url: `/runs/${id}/retry` })
    expect(answer.json().message).toContain('再実行できる失敗分がありません')
  }
  wait.open()
})
