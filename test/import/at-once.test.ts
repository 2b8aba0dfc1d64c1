import { afterEach, expect, it } from 'vitest'
import type { CsCartClient } from '../../src/cscart/client.ts'
import { importOrders } from '../../src/import/import-orders.ts'
import { LeaseLost, type NewRunItem } from '../../src/runs/run.ts'
import type { RunHandle } from '../../src/runs/start-run.ts'
import { DAY, type ImportWorld, importWorld, MINUTE } from './world.ts'

let world: ImportWorld

afterEach(() => world.close())

/** A run outside the table of runs, for two imports that no lock keeps apart. */
function looseRun(items: NewRunItem[] = [], signal = new AbortController().signal): RunHandle {
  return {
    id: 0,
    signal,
    found() {},
    record: (more) => void items.push(...more),
    save: (write) => world.db.transaction(write, { behavior: 'immediate' }),
  }
}

const depsOf = ({ services, db }: ImportWorld) => ({ ...services, db })

it('a second start while one runs is refused and names the running one', async () => {
  world = await importWorld({ shop: { latencyMs: 20 } })
  world.shop.addOrders(10, { from: world.ago(DAY), statuses: ['P'] })
  const first = world.services.importing.start(world.ourShop(), { mode: 'days' }, { trigger: 'manual' })
  const second = world.services.importing.start(world.ourShop(), { mode: 'scheduled' }, { trigger: 'schedule' })

  expect(first.started).toBe(true)
  expect(second).toMatchObject({ started: false, running: { id: first.started ? first.run.id : 0 } })
  if (first.started) expect(await first.done).toMatchObject({ state: 'succeeded', created: 10 })
})

it('two imports at once and overlapping periods store every order once', async () => {
  world = await importWorld({ shop: { latencyMs: 2 } })
  world.shop.addOrders(150, { from: world.ago(6 * DAY), statuses: ['O', 'P'] })
  const deps = depsOf(world)
  const items: NewRunItem[] = []
  const now = world.clock.now().getTime()
  await Promise.all([
    importOrders(deps, looseRun(items), { shop: world.ourShop(), request: { mode: 'days' } }),
    importOrders(deps, looseRun(items), { shop: world.ourShop(), request: { mode: 'days' } }),
    importOrders(deps, looseRun(items), {
      shop: world.ourShop(),
      request: { mode: 'period', from: now - 3 * DAY, to: now },
    }),
  ])

  expect(world.numbers()).toHaveLength(150)
  expect(items.filter((item) => item.outcome === 'created')).toHaveLength(150)
  expect(items.filter((item) => item.outcome === 'changed')).toEqual([])
})

it('details are fetched as many at once as the shop allows, and each order once', async () => {
  world = await importWorld({ shop: { latencyMs: 5 }, settings: { requestsAtOnce: 4 } })
  world.shop.addOrders(250, { from: world.ago(6 * DAY), statuses: ['P'] })

  await world.import()

  expect(world.shop.ledger.peakConcurrency()).toBe(4)
  expect(world.shop.ledger.of('orders.get')).toHaveLength(250)
  expect(world.shop.ledger.of('orders.list').length).toBeLessThanOrEqual(4)
})

it('a scheduled import of known orders asks for no details, and another one by hand for each once', async () => {
  world = await importWorld()
  world.shop.addOrders(130, { from: world.ago(6 * DAY), to: world.ago(DAY), statuses: ['P'] })
  await world.import()
  world.shop.ledger.clear()
  world.clock.advance(10 * MINUTE)
  await world.import({ mode: 'scheduled' })
  expect(world.shop.ledger.of('orders.get')).toHaveLength(0)
  await world.import()
  expect(world.shop.ledger.of('orders.get')).toHaveLength(130)
})

it('new orders are taken in before known ones are compared', async () => {
  world = await importWorld({ settings: { requestsAtOnce: 1 } })
  world.shop.addOrders(60, { from: world.ago(6 * DAY), to: world.ago(DAY), statuses: ['P'] })
  await world.import()
  const fresh = world.shop.addOrder({ status: 'P' })
  world.shop.ledger.clear()

  await world.import()

  const asked = world.shop.ledger.of('orders.get').map((request) => request.path.split('/').at(-1))
  expect(asked.indexOf(String(fresh.id))).toBeLessThanOrEqual(2)
})

it('「中止」 keeps what was fetched, and the next import finds the rest', async () => {
  world = await importWorld({ shop: { latencyMs: 2 } })
  world.shop.addOrders(120, { from: world.ago(DAY), statuses: ['P'] })
  const stop = new AbortController()
  const items: NewRunItem[] = []
  const client = world.services.clientFor(world.ourShop())
  let fetched = 0
  const counted: CsCartClient = {
    ...client,
    async orderIfNew(id, isKnown, signal) {
      fetched += 1
      if (fetched === 70) stop.abort()
      return client.orderIfNew(id, isKnown, signal)
    },
  }

  const aborted = importOrders({ ...depsOf(world), clientFor: () => counted }, looseRun(items, stop.signal), {
    shop: world.ourShop(),
    request: { mode: 'days' },
  })
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })

  expect(world.numbers().length).toBeGreaterThanOrEqual(50)
  expect(world.numbers().length).toBeLessThan(120)
  expect(items).toHaveLength(world.numbers().length)
  expect(await world.import()).toMatchObject({ state: 'succeeded', created: 120 - items.length })
})

it('a run that is not ours any more writes nothing', async () => {
  world = await importWorld()
  world.shop.addOrders(60, { from: world.ago(DAY), statuses: ['P'] })
  const run: RunHandle = {
    ...looseRun(),
    record: () => {
      throw new LeaseLost(0)
    },
  }

  const lost = importOrders(depsOf(world), run, { shop: world.ourShop(), request: { mode: 'days' } })

  await expect(lost).rejects.toBeInstanceOf(LeaseLost)
  expect(world.numbers()).toEqual([])
})

it('an import that was cut off is resumed with the same request', async () => {
  world = await importWorld()
  world.shop.addOrders(3, { from: world.ago(2 * DAY), to: world.ago(DAY), statuses: ['P'] })
  const now = world.clock.now().getTime()
  const claim = world.services.runs.claim(
    {
      shopId: world.shopId,
      kind: 'import',
      trigger: 'manual',
      request: { mode: 'period', from: now - 3 * DAY, to: now },
    },
    now,
  )
  expect(claim.claimed).toBe(true)
  const [cut] = world.services.runs.interruptRunning(now)

  const resumed = cut && world.services.importing.resume(cut)

  expect(resumed?.started && (await resumed.done)).toMatchObject({
    state: 'succeeded',
    trigger: 'recovery',
    created: 3,
    request: { mode: 'period' },
    continuesRunId: cut?.id,
  })
})
