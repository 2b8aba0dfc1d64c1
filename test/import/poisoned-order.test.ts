import { afterEach, expect, it } from 'vitest'
import type { FaultKind } from '../../src/demo/shop/index.ts'
import { DAY, type ImportWorld, importWorld, MINUTE } from './world.ts'

let world: ImportWorld
afterEach(() => world.close())

const IMPATIENT = {
  client: { timeouts: { headersMs: 700, bodyMs: 700, readMs: 800 }, attempts: 2, sleep: async () => {} },
}

const requestsFor = (orderId: number) =>
  world.shop.ledger.requests.filter(({ path }) => path.endsWith(`/orders/${orderId}`)).length

const FAILURES: [FaultKind, string][] = [
  ['error-html', 'unavailable'],
  ['never', 'timeout'],
]

it.each(FAILURES)(
  'an order on which the shop fails with %s does not keep the others out, however often it is met',
  async (kind, reason) => {
    world = await importWorld({ app: IMPATIENT })
    const orders = world.shop.addOrders(30, { from: world.ago(DAY), statuses: ['P'] })
    const poisoned = orders[11]?.id ?? 0
    world.shop.faults.add({ kind, on: 'orders.get', orderId: poisoned, times: null })

    const first = await world.import({ mode: 'scheduled' })

    expect(first).toMatchObject({ state: 'partial', reason: null, created: 29, failed: 1 })
    const [item] = world.items(first).filter(({ outcome }) => outcome === 'failed')
    expect(item).toMatchObject({ csCartOrderId: poisoned, reason })
    expect(item?.exchanges?.at(-1)).toMatchObject({ method: 'GET' })
    expect(world.services.imports.failures(world.shopId)).toMatchObject([
      { csCartOrderId: poisoned, reason, attempts: 1 },
    ])
    const watermark = world.services.imports.state(world.shopId).updatedWatermark ?? 0
    expect(world.services.imports.state(world.shopId).fullCheckAt).not.toBeNull()

    world.clock.advance(10 * MINUTE)
    const late = world.shop.addOrder({ status: 'P' })
    const second = await world.import({ mode: 'scheduled' })

    expect(second).toMatchObject({ reason: null, created: 1, failed: 1 })
    expect(world.numbers()).toContain(late.id)
    expect(world.services.imports.state(world.shopId).updatedWatermark).toBeGreaterThan(watermark)

    world.shop.faults.clear()
    expect(await world.import({ mode: 'scheduled' })).toMatchObject({ state: 'succeeded', created: 1, failed: 0 })
    expect(world.services.imports.failures(world.shopId)).toEqual([])
  },
)

it('several such orders end the next run no more than they ended the first', async () => {
  world = await importWorld({ app: IMPATIENT, settings: { requestsAtOnce: 1 } })
  const orders = world.shop.addOrders(30, { from: world.ago(DAY), statuses: ['P'] })
  for (const at of [2, 9, 16, 23]) {
    world.shop.faults.add({ kind: 'error-html', on: 'orders.get', orderId: orders[at]?.id ?? 0, times: null })
  }
  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ reason: null, created: 26, failed: 4 })
  world.clock.advance(10 * MINUTE)
  world.shop.addOrder({ status: 'P' })
  // Now all four are asked for first, one after the other.
  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ reason: null, created: 1, failed: 4 })
})

it('a shop that fails on every order ends the run with its reason, and the orders that showed it are failed ones', async () => {
  world = await importWorld({ app: IMPATIENT, settings: { requestsAtOnce: 1 } })
  world.shop.addOrders(30, { from: world.ago(DAY), statuses: ['P'] })
  world.shop.faults.add({ kind: 'error-html', on: 'orders.get', times: null })

  const run = await world.import()

  expect(run).toMatchObject({ state: 'failed', reason: 'unavailable', created: 0, failed: 3 })
  expect(world.shop.ledger.of('orders.get').length).toBeLessThanOrEqual(10)
  expect(world.services.imports.state(world.shopId).fullCheckAt).toBeNull()
  world.shop.faults.clear()
  expect(await world.import()).toMatchObject({ state: 'succeeded', created: 30 })
})

it('a shop that fails in everything from some order on ends the run with that order and few requests', async () => {
  world = await importWorld({ app: IMPATIENT, settings: { requestsAtOnce: 1 } })
  world.shop.addOrders(30, { from: world.ago(DAY), statuses: ['P'] })
  world.shop.faults.add({ kind: 'error-html', on: 'orders.get', nth: 6, times: null })
  world.shop.faults.add({ kind: 'error-html', on: 'version', times: null })

  const run = await world.import()

  expect(run).toMatchObject({ state: 'partial', reason: 'unavailable', created: 5, failed: 1 })
  const [failed] = world.items(run).filter(({ outcome }) => outcome === 'failed')
  expect(failed).toMatchObject({ reason: 'unavailable', detail: expect.stringContaining('500') })
  expect(requestsFor(failed?.csCartOrderId ?? 0)).toBe(2)
  expect(world.shop.ledger.requests.length).toBeLessThan(15)
})

it('a shop that answers 500 to everything ends the run at once', async () => {
  world = await importWorld({ app: IMPATIENT })
  world.shop.addOrders(30, { from: world.ago(DAY), statuses: ['P'] })
  world.shop.faults.add({ kind: 'error-html', on: 'any', times: null })
  expect(await world.import()).toMatchObject({ state: 'failed', reason: 'unavailable', created: 0 })
  expect(world.shop.ledger.requests.length).toBeLessThanOrEqual(2)
})
