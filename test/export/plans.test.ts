import { afterEach, expect, test } from 'vitest'
import { startPlanned } from '../../src/export/start-export.ts'
import { LeaseLost, nextStepOf } from '../../src/runs/run.ts'
import { cancelRun } from '../../src/runs/start-run.ts'
import { A, exportWorld, NOW, NUMBER, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const WRITES = new Set(['POST', 'PUT', 'DELETE'])
const writeRequests = () => world.pretend.ledger.requests.filter((request) => WRITES.has(request.method))

test('what changed in the shop or here after the list was shown is not written, and the rest is', async () => {
  world = await exportWorld()
  const shipped = await world.dueOrder({ lines: [A(2)] })
  const moved = await world.dueOrder()
  const retyped = await world.dueOrder()
  const recarried = await world.dueOrder()
  const same = await world.dueOrder()
  const { id: planId } = await world.plan()

  const [line] = world.pretend.order(shipped.csCartId)?.lines ?? []
  world.pretend.addShipment({ orderId: shipped.csCartId, trackingNumber: '99', products: { [line?.itemId ?? '']: 1 } })
  world.pretend.setStatus(moved.csCartId, 'O')
  world.edit(retyped.id, { trackingNumber: '501234567891' })
  world.edit(recarried.id, { carrier: 'sagawa' })

  const run = await world.execute(planId)
  expect(run).toMatchObject({ state: 'succeeded', done: 1, skipped: 4, failed: 0 })
  const items = world.itemsOf(run).map((item) => [item.orderId, item.outcome, item.reason])
  for (const { id } of [shipped, moved, retyped, recarried]) {
    expect(items).toContainEqual([id, 'skipped', 'changed_since_plan'])
    expect(world.orders.find(id)).toMatchObject({ exportState: 'none', exportReason: null })
  }
  expect(new Set(world.pretend.ledger.writes.map((write) => write.orderId))).toEqual(new Set([same.csCartId]))
  // Nothing is held against them: another look writes them.
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 4 })
})

test('orders that were left out stay out, also after a crash', async () => {
  world = await exportWorld()
  const left = await world.dueOrder()
  const taken = await world.dueOrder()
  const { id: planId } = await world.plan()
  // The start is on disk, and the process dies before the first request.
  world.pretend.setLatency(50)
  const started = startPlanned(world.start, planId, new Set([taken.id]), null)
  if (!started.started) throw new Error('not started')
  world.runs.interruptRunning(0)
  await started.done
  world.pretend.setLatency(0)
  world.db.$client.prepare("update runs set state = 'running', finished_at = null").run()
  await world.recover()
  expect(world.pretend.ledger.order(taken.csCartId).status).toBe('C')
  expect(world.pretend.ledger.order(left.csCartId)).toMatchObject({ status: 'P', shipments: [] })
  expect(world.runs.latest(world.shop().id, 'export')).toMatchObject({
    trigger: 'recovery',
    state: 'succeeded',
    done: 1,
    // What was left out, and what the cut-off run had written, is none of its orders.
    found: 1,
  })
})

test('「中止」 counts also where the process ends before the run does: nothing goes on by itself', async () => {
  world = await exportWorld()
  const { csCartId } = await world.dueOrder()
  const { id: planId, items } = await world.plan()
  world.pretend.setLatency(50)
  const started = startPlanned(world.start, planId, new Set(items.map((item) => item.orderId)), null)
  if (!started.started) throw new Error('not started')
  expect(world.runs.requestCancel(started.run.id)).toBe(true)
  // Killed before the run has looked up.
  world.runs.interruptRunning(NOW.getTime())
  await started.done
  world.pretend.setLatency(0)
  await world.recover()
  const cutOff = world.runs.latest(world.shop().id, 'export')
  expect(cutOff).toMatchObject({ id: started.run.id, state: 'interrupted' })
  expect(cutOff && nextStepOf(cutOff)).toBe('続けるときはもう一度実行してください。')
  expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'P', shipments: [] })
})

test('「失敗分を再実行」 writes what failed, and nothing that the run did not come to', async () => {
  world = await exportWorld({ settings: { requestsAtOnce: 1 } })
  const due = []
  for (let n = 0; n < 3; n += 1) due.push(await world.dueOrder({}, { trackingNumber: `40123456789${n}` }))
  const { id: planId } = await world.plan()
  world.pretend.faults.add({ kind: 'broken-json', on: 'orders.get', times: 2 })
  world.pretend.faults.add({ kind: 'unauthorized', on: 'orders.get', nth: 3 })
  const run = await world.execute(planId)
  expect(run).toMatchObject({ state: 'failed', reason: 'unauthorized', failed: 2, found: 3 })
  world.pretend.faults.clear()
  expect(await world.retry(run)).toMatchObject({ state: 'succeeded', done: 2, found: 2 })
  const statuses = due.map(({ csCartId }) => world.pretend.ledger.order(csCartId).status)
  expect(statuses).toEqual(['C', 'C', 'P'])
  expect((await world.plan()).items.map((item) => item.csCartOrderId)).toEqual([due[2]?.csCartId])
})

test('a plan is executed once: of two starts at once one runs, and a later one is refused', async () => {
  world = await exportWorld()
  const { csCartId } = await world.dueOrder()
  const { id: planId, items } = await world.plan()
  const orders = new Set(items.map((item) => item.orderId))
  const first = startPlanned(world.start, planId, orders, null)
  const second = startPlanned(world.start, planId, orders, null)
  expect(second.started).toBe(false)
  if (first.started) await first.done
  expect(() => startPlanned(world.start, planId, orders, null)).toThrow('すでに実行されています')
  expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
  expect(world.pretend.ledger.of('shipments.post')).toHaveLength(1)
})

test('試運転 sends no writing request, says what it would have written, and leaves the order due', async () => {
  world = await exportWorld({ settings: { dryRun: true } })
  const { id } = await world.dueOrder()
  const before = world.orders.find(id)
  const run = await world.exportAll()
  expect(run).toMatchObject({ state: 'succeeded', done: 0, skipped: 1, dryRun: true })
  const [item] = world.itemsOf(run)
  expect(item?.detail).toContain('試運転')
  expect(item?.detail).toContain(`ヤマト運輸 ${NUMBER}`)
  expect(writeRequests()).toEqual([])
  expect(world.orders.find(id)).toEqual(before)
  expect(world.exports.parcels.ofOrder(id)).toEqual([])
  world.shops.remember(world.shop().id, {})
  world.db.$client.prepare('update shops set dry_run = 0').run()
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
})

test('a run that lost its lease writes neither here nor in the shop', async () => {
  world = await exportWorld({ settings: { requestsAtOnce: 1 } })
  const one = await world.dueOrder()
  const two = await world.dueOrder()
  world.pretend.setLatency(60)
  const { id: planId, items } = await world.plan()
  const before = writeRequests().length
  const started = startPlanned(world.start, planId, new Set(items.map((item) => item.orderId)), null)
  if (!started.started) throw new Error('not started')
  // Another process takes the run for dead while the first order is being read.
  await new Promise((resolve) => setTimeout(resolve, 30))
  world.runs.interruptRunning(0)
  await started.done
  expect(writeRequests()).toHaveLength(before)
  expect(world.exports.parcels.ofOrder(one.id)).toEqual([])
  expect(world.orders.find(two.id)?.exportState).toBe('none')
  expect(() => world.runs.save(started.run.id, () => expect.unreachable())).toThrow(LeaseLost)
})

test('「中止」 ends after the orders that were begun, and none is left half written', async () => {
  world = await exportWorld({ settings: { requestsAtOnce: 2 } })
  const due = []
  for (let n = 0; n < 8; n += 1) due.push(await world.dueOrder({}, { trackingNumber: `40123456789${n}` }))
  const { id: planId, items } = await world.plan()
  world.pretend.setLatency(30)
  const started = startPlanned(world.start, planId, new Set(items.map((item) => item.orderId)), null)
  if (!started.started) throw new Error('not started')
  await new Promise((resolve) => setTimeout(resolve, 130))
  cancelRun(world.start.runs, started.run.id)
  const run = await started.done
  expect(run.state).toBe('cancelled')
  expect(run.done).toBeLessThan(8)
  for (const { csCartId } of due) {
    const { status, shipments } = world.pretend.ledger.order(csCartId)
    expect([status, shipments.length]).toEqual(shipments.length === 0 ? ['P', 0] : ['C', 1])
  }
  world.pretend.setLatency(0)
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded' })
  for (const { csCartId } of due) expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
})

test('nothing is sent a second time while the shop may still be busy with the first', async () => {
  world = await exportWorld({ waits: { settle: 15_000 } })
  const { csCartId, id } = await world.dueOrder()
  const { id: planId } = await world.plan()
  const waited: number[] = []
  world.exports.sleep = async (ms) => {
    waited.push(ms)
  }
  world.pretend.faults.add({ kind: 'reset-before', on: 'shipments.post' })
  const run = await world.execute(planId)
  expect(world.itemsOf(run)).toMatchObject([{ reason: 'answer_lost' }])
  expect(world.exports.parcels.ofOrder(id)).toMatchObject([{ state: 'intent' }])

  // The shop ends what it was busy with only now.
  world.exports.sleep = async (ms) => {
    waited.push(ms)
    world.pretend.addShipment({ orderId: csCartId, trackingNumber: NUMBER, carrier: 'yamato', status: 'S' })
  }
  expect(await world.retry(run)).toMatchObject({ state: 'succeeded', done: 1 })
  expect(waited).toEqual([0, 15_000])
  expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
  expect(world.pretend.ledger.of('shipments.post')).toHaveLength(1)
})

test.each(['shipments.post', 'orders.put'] as const)(
  'after %s the shop is given its time from when nobody waited any longer, not from when it was asked',
  async (on) => {
    let at = NOW.getTime()
    world = await exportWorld({ waits: { settle: 15_000 }, timeouts: { writeMs: 300 }, now: () => new Date(at) })
    const { csCartId } = await world.dueOrder()
    const waited: number[] = []
    world.exports.sleep = async (ms) => {
      waited.push(ms)
    }
    world.pretend.faults.add({ kind: 'never', on })
    const running = world.exportAll()
    while (world.pretend.ledger.of(on).length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    // So long a write is waited for in earnest.
    at += 90_000
    const run = await running
    expect(world.itemsOf(run)).toMatchObject([{ reason: 'answer_lost' }])

    waited.length = 0
    expect(await world.retry(run)).toMatchObject({ state: 'succeeded', done: 1 })
    expect(waited).toEqual([15_000])
    expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'C', shipments: [{ number: NUMBER }] })
  },
)

test('a run that has lost its lease writes nothing of what it reads either', async () => {
  world = await exportWorld()
  await world.dueOrder()
  await world.dueOrder()
  world.pretend.setLatency(60)
  const running = world.exportAll()
  while (world.pretend.ledger.of('shipments.list').length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  world.runs.interruptRunning(0)
  await running
  const plans = world.db.$client.prepare('select state from export_plans').pluck().all()
  const looked = world.db.$client.prepare('select looked from export_plan_items').pluck().all()
  expect([plans, looked]).toEqual([['preparing'], [0, 0]])
  expect(world.pretend.ledger.writes).toEqual([])
})
