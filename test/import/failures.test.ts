import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaultKind } from '../../src/demo/shop/index.ts'
import { failureOf } from '../../src/failures.ts'
import { DAY, type ImportWorld, importWorld, MINUTE, PROFILES } from './world.ts'

let world: ImportWorld
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})

afterEach(async () => {
  await world.close()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

/** A client that loses patience at once, so that a shop which never answers costs a test little. */
const IMPATIENT = {
  client: {
    timeouts: { headersMs: 400, bodyMs: 400, readMs: 600 },
    attempts: 1,
    sleep: async () => {},
    maxBodyBytes: 1_000_000,
  },
}

describe.each(PROFILES)('from a shop like %s', (profile) => {
  it('one order that cannot be read is one failed item with the path of its field; the others come in', async () => {
    world = await importWorld({ profile })
    world.shop.addOrders(120, { from: world.ago(DAY), statuses: ['P'] })
    const broken = world.shop.addOrder({ status: 'P', raw: { total: 'たくさん' } })
    const nameless = world.shop.addOrder({ status: 'P', rawRow: { order_id: 'abc' } })
    const badRow = world.shop.addOrder({ status: 'P', rawRow: { total: '?' } })

    const run = await world.import()

    expect(run).toMatchObject({ state: 'partial', reason: null, created: 121, failed: 2 })
    expect(world.numbers()).toContain(badRow.id)
    expect(world.numbers()).not.toContain(broken.id)
    const failed = world.items(run).filter((item) => item.outcome === 'failed')
    expect(failed).toContainEqual(
      expect.objectContaining({
        csCartOrderId: broken.id,
        reason: 'unexpected_shape',
        detail: expect.stringContaining('total'),
      }),
    )
    expect(failed).toContainEqual(
      expect.objectContaining({
        csCartOrderId: null,
        reason: 'unexpected_shape',
        detail: expect.stringContaining('order_id'),
      }),
    )
    expect(failed.find((item) => item.csCartOrderId === broken.id)?.exchanges?.[0]).toMatchObject({
      status: 200,
      method: 'GET',
    })
    expect(nameless.id).toBeGreaterThan(0)
  })
})

it('an order that failed comes in with the next import, however old it has become', async () => {
  world = await importWorld()
  const late = world.shop.addOrder({ status: 'P', raw: { total: 'たくさん' } })
  world.shop.addOrder({ status: 'P' })
  await world.import()
  world.clock.advance(20 * DAY)
  await world.import()
  expect(world.numbers()).not.toContain(late.id)
  world.shop.editOrder(late.id, { raw: { total: undefined } }, { bumpUpdatedAt: false })
  world.shop.editOrder(late.id, { raw: {} }, { bumpUpdatedAt: false })
  world.clock.advance(DAY)

  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ state: 'succeeded', created: 1 })

  expect(world.numbers()).toContain(late.id)
  expect(world.services.imports.failures(world.shopId)).toEqual([])
})

it('an order that waiting does not mend is asked for again when the shop has changed it, and with each full check', async () => {
  world = await importWorld()
  const broken = world.shop.addOrder({ status: 'P', timestamp: world.ago(DAY), raw: { total: 'たくさん' } })
  world.shop.addOrder({ status: 'P' })
  await world.import()
  for (let tick = 0; tick < 6; tick += 1) {
    world.clock.advance(10 * MINUTE)
    expect(await world.import({ mode: 'scheduled' })).toMatchObject({ failed: 0 })
  }
  expect(world.services.imports.failures(world.shopId)).toMatchObject([{ csCartOrderId: broken.id, attempts: 1 }])
  world.clock.advance(6 * 60 * MINUTE)
  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ failed: 1 })
  world.shop.editOrder(broken.id, { raw: {} })
  world.clock.advance(10 * MINUTE)
  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ created: 1, failed: 0 })
})

it('an order whose failure may pass is asked for at each tick, but not for ever', async () => {
  world = await importWorld({ app: IMPATIENT })
  const order = world.shop.addOrder({ status: 'P', timestamp: world.ago(DAY) })
  world.shop.faults.add({ kind: 'half-body', on: 'orders.get', orderId: order.id, times: 1_000 })
  await world.import()
  for (let tick = 0; tick < 5; tick += 1) {
    world.clock.advance(10 * MINUTE)
    await world.import({ mode: 'scheduled' })
  }
  expect(world.services.imports.failures(world.shopId)).toMatchObject([{ csCartOrderId: order.id, attempts: 5 }])
})

it('「失敗分を再実行」 asks for just the orders that failed', async () => {
  world = await importWorld()
  world.shop.addOrders(5, { from: world.ago(DAY), statuses: ['P'] })
  const broken = world.shop.addOrder({ status: 'P', raw: { total: 'たくさん' } })
  const run = await world.import()
  world.shop.editOrder(broken.id, { raw: {} })

  const again = world.services.importing.retry(run, {})

  expect(again.started && (await again.done)).toMatchObject({
    state: 'succeeded',
    created: 1,
    unchanged: 0,
    continuesRunId: run.id,
    request: { mode: 'ids', ids: [broken.id], force: false },
  })
})

const STOPS: [FaultKind, string][] = [
  ['never', 'timeout'],
  ['dribble', 'timeout'],
  ['unauthorized', 'unauthorized'],
  ['forbidden-html', 'blocked'],
  ['too-many', 'rate_limited'],
  ['unavailable', 'unavailable'],
  ['redirect', 'redirected'],
  ['html-200', 'storefront'],
  ['ip-block', 'blocked'],
  ['error-html', 'unavailable'],
]
const ONE_ORDER: FaultKind[] = [
  'half-body',
  'reset-before',
  'reset-after',
  'notice-json',
  'empty-200',
  'huge-body',
  'huge-headers',
  'invalid-utf8',
  'broken-json',
  'no-content',
]

describe('while the shop fails', () => {
  describe.each(['orders.list', 'orders.get'] as const)('at %s', (on) => {
    it.each(STOPS)(
      'with %s the run ends with its reason, keeps what it has, and the next one completes',
      async (kind, reason) => {
        world = await importWorld({ app: IMPATIENT })
        world.shop.addOrders(70, { from: world.ago(DAY), statuses: ['P'] })
        world.shop.faults.add({ kind, on, nth: on === 'orders.list' ? 1 : 60, times: null, bytes: 3_000_000 })

        const run = await world.import()

        expect(run.reason).toBe(reason)
        expect(run.state).toBe(on === 'orders.list' ? 'failed' : 'partial')
        expect(failureOf(run.reason ?? '').stopsRun).toBe(true)
        expect(world.numbers()).toHaveLength(run.created)
        expect(run.created).toBe(on === 'orders.list' ? 0 : 59)
        world.shop.faults.clear()
        expect(await world.import()).toMatchObject({ state: 'succeeded', created: 70 - run.created })
      },
    )
  })

  it.each(ONE_ORDER)('with %s for one order the others come in, and that one with the next run', async (kind) => {
    world = await importWorld({ app: IMPATIENT, settings: { requestsAtOnce: 1 } })
    world.shop.addOrders(20, { from: world.ago(DAY), statuses: ['P'] })
    // Both times that the fifth order is asked for: plainly, and once more in writing.
    world.shop.faults.add({ kind, on: 'orders.get', nth: 5, times: 2, bytes: 3_000_000 })

    const run = await world.import()

    expect(run).toMatchObject({ state: 'partial', reason: null, created: 19, failed: 1 })
    const [failed] = world.items(run).filter((item) => item.outcome === 'failed')
    expect(failed).toMatchObject({ csCartOrderId: expect.any(Number), exchanges: [{ method: 'GET' }] })
    expect(failureOf(failed?.reason ?? '').stopsRun).toBe(false)
    expect(world.services.imports.failures(world.shopId)).toMatchObject([{ reason: failed?.reason, attempts: 1 }])
    // What may pass is tried at the next tick, the rest with the next full check.
    world.clock.advance(failureOf(failed?.reason ?? '').waitingMends ? MINUTE : 6 * 60 * MINUTE)
    expect(await world.import({ mode: 'scheduled' })).toMatchObject({ state: 'succeeded', created: 1, failed: 0 })
    expect(world.services.imports.failures(world.shopId)).toEqual([])
  })
})
