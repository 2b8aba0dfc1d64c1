import { afterEach, describe, expect, test } from 'vitest'
import { startExport } from '../../src/export/start-export.ts'
import { importedOrder } from '../../src/import/from-cscart.ts'
import { messageOf } from '../../src/runs/run.ts'
import { cancelRun } from '../../src/runs/start-run.ts'
import { A, exportWorld, importAgain, NOW, NUMBER, TWO_GROUPS, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const NEW_NUMBER = '501234567891'

const dryRun = (on: boolean) => world.db.$client.prepare('update shops set dry_run = ?').run(on ? 1 : 0)

/** Starts an export and does `change` while the n-th request of a kind is under way. */
async function exportAndMeanwhile(kind: { method: string; path: string; nth: number }, change: () => unknown) {
  world.pretend.setLatency(60)
  const before = world.pretend.ledger.requests.length
  const run = world.exportAll()
  const those = () =>
    world.pretend.ledger.requests
      .slice(before)
      .filter(({ method, path }) => method === kind.method && path.includes(kind.path))
  while (those().length < kind.nth) await new Promise((resolve) => setTimeout(resolve, 1))
  await change()
  const ended = await run
  world.pretend.setLatency(0)
  return ended
}

/** The first look makes the plan, the second comes right before the order is written. */
const FIRST_LOOK = { method: 'GET', path: '/shipments', nth: 1 }
const SECOND_LOOK = { method: 'GET', path: '/shipments', nth: 2 }
const SHIPMENT = { method: 'POST', path: '/shipments', nth: 1 }

const cancelledHere = () => {
  const status = world.db.$client.prepare("select id from order_statuses where role = 'cancelled'").pluck().get()
  return { statusId: Number(status) }
}

describe.each(['jp413', 'v420'] as const)('on a shop like %s', (profile) => {
  test('a number that staff correct while the shop is read is not written in its old form', async () => {
    world = await exportWorld({ profile })
    const order = await world.dueOrder()
    const run = await exportAndMeanwhile(SECOND_LOOK, () => world.edit(order.id, { trackingNumber: NEW_NUMBER }))
    expect(world.pretend.ledger.writes).toEqual([])
    expect(world.pretend.ledger.mails).toEqual([])
    expect(world.itemsOf(run)).toMatchObject([{ orderId: order.id, outcome: 'skipped', reason: 'changed_since_plan' }])

    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
    expect(world.pretend.ledger.order(order.csCartId).shipments).toMatchObject([{ number: NEW_NUMBER }])
  })

  test('an order that staff cancel while the shop is read is not shipped', async () => {
    world = await exportWorld({ profile })
    const order = await world.dueOrder()
    await exportAndMeanwhile(SECOND_LOOK, () => world.edit(order.id, cancelledHere()))
    expect(world.pretend.ledger.writes).toEqual([])
    expect(world.pretend.ledger.order(order.csCartId)).toMatchObject({ status: 'P', shipments: [] })
  })

  test('an order that staff cancel while its shipment is written does not get its status', async () => {
    world = await exportWorld({ profile })
    const order = await world.dueOrder()
    const run = await exportAndMeanwhile(SHIPMENT, () => world.edit(order.id, cancelledHere()))
    expect(world.pretend.ledger.order(order.csCartId)).toMatchObject({ status: 'P', shipments: [{ number: NUMBER }] })
    expect(world.itemsOf(run)).toMatchObject([{ outcome: 'failed', reason: 'changed_since_plan' }])
    expect(world.orders.find(order.id)?.exportState).toBe('error')
  })

  test('an order of which an import says that the shop cancelled it, while its shipment is written, is not made a shipped one', async () => {
    world = await exportWorld({ profile })
    const order = await world.dueOrder()
    const run = await exportAndMeanwhile(SHIPMENT, () => {
      world.pretend.cancel(order.csCartId)
      return importAgain(world, order.csCartId)
    })
    expect(world.itemsOf(run)).toMatchObject([{ outcome: 'failed', reason: 'cancelled_in_cs_cart' }])
    expect(world.pretend.ledger.order(order.csCartId).status).toBe('I')
  })

  test('nor one that the shop cancelled while its shipments took a while, which no import knows yet', async () => {
    let passed = 0
    world = await exportWorld({ profile, now: () => new Date(NOW.getTime() + passed) })
    const order = await world.dueOrder(TWO_GROUPS)
    const run = await exportAndMeanwhile(SHIPMENT, () => {
      passed = 4_000
      world.pretend.cancel(order.csCartId)
    })
    expect(world.itemsOf(run)).toMatchObject([{ outcome: 'failed', reason: 'cancelled_in_cs_cart' }])
    expect(world.pretend.ledger.order(order.csCartId).status).toBe('I')
  })

  test('an order that the shop cancelled after the list is skipped, and the reason says so', async () => {
    world = await exportWorld({ profile })
    const order = await world.dueOrder()
    const run = await exportAndMeanwhile(FIRST_LOOK, () => world.pretend.cancel(order.csCartId))
    expect(world.pretend.ledger.order(order.csCartId)).toMatchObject({ status: 'I', shipments: [] })
    expect(world.itemsOf(run)).toMatchObject([{ outcome: 'skipped', reason: 'cancelled_in_cs_cart' }])
    expect(world.orders.find(order.id)).toMatchObject({ cancelledInCsCartAt: NOW.getTime(), csCartStatus: 'I' })
  })

  test.each([
    ['after a lost answer', SHIPMENT, true],
    ['when its status is read back', { method: 'PUT', path: '/orders', nth: 1 }, false],
  ] as const)('an order that the shop cancels is marked here at once: seen %s', async (_, moment, lost) => {
    world = await exportWorld({ profile, settings: { requestsAtOnce: 1 } })
    const [one, two, three] = [await world.dueOrder(), await world.dueOrder(), await world.dueOrder()]
    if (lost) world.pretend.faults.add({ kind: 'reset-before', on: 'shipments.post' })
    const run = await exportAndMeanwhile(moment, async () => {
      if (!lost) await expect.poll(() => world.pretend.ledger.order(one.csCartId).status, { interval: 1 }).toBe('C')
      world.pretend.cancel(one.csCartId)
    })
    expect(world.itemsOf(run)).toContainEqual(
      expect.objectContaining({ orderId: one.id, outcome: 'failed', reason: 'cancelled_in_cs_cart' }),
    )
    expect(world.orders.find(one.id)).toMatchObject({ cancelledInCsCartAt: NOW.getTime(), csCartStatus: 'I' })
    // It says nothing of the right to change statuses: the others are written.
    expect(run.done).toBe(2)
    for (const { csCartId } of [two, three]) expect(world.pretend.ledger.order(csCartId).status).toBe('C')
  })

  test('試運転 that is switched on while an export works stops it before the next write', async () => {
    world = await exportWorld({ profile, settings: { requestsAtOnce: 1 } })
    const orders = []
    for (let n = 0; n < 3; n += 1) orders.push(await world.dueOrder({}, { trackingNumber: `40123456789${n}` }))
    const run = await exportAndMeanwhile(SHIPMENT, () => dryRun(true))
    expect(world.pretend.ledger.of('shipments.post')).toHaveLength(1)
    expect(world.pretend.ledger.of('orders.put')).toHaveLength(0)
    expect(world.itemsOf(run).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['failed', 'dry_run_since'],
      ['skipped', 'dry_run_since'],
      ['skipped', 'dry_run_since'],
    ])
    dryRun(false)
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 3 })
    for (const { csCartId } of orders) expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
  })
})

test('an answer that was asked for before does not take back what an export has read', async () => {
  world = await exportWorld()
  const { id, csCartId } = await world.dueOrder()
  const fetched = await world.clientFor(world.shop()).order(csCartId)
  if (!fetched) throw new Error('no such order')
  world.pretend.cancel(csCartId)
  await world.exportAll()
  const at = NOW.getTime()
  const order = importedOrder(fetched.order, world.shop(), fetched.raw)
  world.orders.saveImported(order, { runId: null, at: at + 500, fetchedAt: at - 1_000, landingStatusId: 1 })
  expect(world.orders.find(id)).toMatchObject({ cancelledInCsCartAt: at, csCartStatus: 'I' })
})

test('「中止」 between two parcels names the order that is half written, and the next export ends it', async () => {
  const waits = { finish: 0 }
  world = await exportWorld({ settings: { requestsAtOnce: 1, notifyCustomer: true }, waits })
  const { id, csCartId } = await world.dueOrder(TWO_GROUPS)
  const untouched = await world.dueOrder()
  world.pretend.setLatency(50)
  const started = startExport(world.start, world.shop(), 'manual')
  if (!started.started) throw new Error('not started')
  await expect.poll(() => world.pretend.shipments(csCartId).length, { interval: 1 }).toBe(1)
  cancelRun(world.start.runs, started.run.id)
  const run = await started.done
  world.pretend.setLatency(0)
  expect(run).toMatchObject({ state: 'cancelled', done: 0, failed: 1, found: 2 })
  expect(world.itemsOf(run)).toMatchObject([{ orderId: id, reason: 'left_half_done' }])
  expect(messageOf(run)).toContain('対象 2件のうち 1件は行っていません')
  expect(world.orders.find(id)?.exportState).toBe('sent')
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 2 })
  for (const one of [csCartId, untouched.csCartId]) expect(world.pretend.ledger.order(one).status).toBe('C')
  expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(2)
  expect(world.pretend.ledger.order(csCartId).mails).toHaveLength(1)
})

test('a memo that is typed after the list was shown keeps no order from being written as it was shown', async () => {
  world = await exportWorld()
  const { id } = await world.dueOrder({ lines: [A(1)] })
  const { id: planId } = await world.plan()
  world.edit(id, { memo: 'のし希望' })
  expect(await world.execute(planId)).toMatchObject({ state: 'succeeded', done: 1 })
})

describe('a trial run does not become a real one', () => {
  test('by 「失敗分を再実行」', async () => {
    world = await exportWorld({ settings: { dryRun: true } })
    await world.dueOrder()
    world.pretend.faults.add({ kind: 'broken-json', on: 'orders.get', times: 4 })
    const trial = await world.exportAll()
    expect(trial).toMatchObject({ dryRun: true, failed: 1 })
    dryRun(false)
    expect(() => world.retry(trial)).toThrow('試運転の実行です')
    expect(world.pretend.ledger.writes).toEqual([])
  })

  test('by being gone on with after a crash', async () => {
    world = await exportWorld({ settings: { dryRun: true } })
    await world.dueOrder()
    const request = { days: 7, by: 'person' }
    const start = { shopId: world.shop().id, kind: 'export', trigger: 'manual', dryRun: true, request } as const
    expect(world.runs.claim(start, NOW.getTime()).claimed).toBe(true)
    dryRun(false)
    await world.recover()
    expect(world.runs.latest(world.shop().id, 'export')).toMatchObject({ state: 'interrupted', dryRun: true })
    expect(world.pretend.ledger.writes).toEqual([])
  })
})
