import { afterEach, expect, test } from 'vitest'
import { startPretendShop } from '../../src/demo/shop/index.ts'
import { START, testApp } from '../support/app.ts'
import { A, exportWorld, importAgain, NOW, NUMBER, takeIn, type World } from './world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

test('the clock writes what is due by the same rule', async () => {
  world = await exportWorld()
  const { csCartId } = await world.dueOrder()
  expect(await world.exportAll('schedule')).toMatchObject({ trigger: 'schedule', state: 'succeeded', done: 1 })
  expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'C', shipments: [{ number: NUMBER }] })
})

test('what needs a person is tried once by the clock, and again when the order or the settings change', async () => {
  world = await exportWorld()
  const { id, csCartId } = await world.dueOrder()
  world.pretend.addShipment({ orderId: csCartId, trackingNumber: '99', status: 'S' })
  expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
  const { requests } = world.pretend.ledger
  const reads = () => requests.length
  const before = reads()
  expect(await world.exportAll('schedule')).toMatchObject({ state: 'succeeded', done: 0, failed: 0 })
  expect(reads()).toBe(before)

  world.edit(id, { memo: '倉庫に確認した' })
  expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
  world.db.$client.prepare('update shops set settings_saved_at = settings_saved_at + 1').run()
  expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
  // A person may try at any time.
  expect(await world.exportAll('manual')).toMatchObject({ failed: 1 })
})

test('an order that was cancelled in the shop is written by the clock once it is restored there', async () => {
  world = await exportWorld()
  const { id, csCartId } = await world.dueOrder()
  world.pretend.cancel(csCartId)
  const run = await world.exportAll('schedule')
  expect(world.itemsOf(run)).toMatchObject([{ outcome: 'failed', reason: 'cancelled_in_cs_cart' }])
  // What the export has read is known here at once, and the order is not due any more.
  expect(world.orders.find(id)).toMatchObject({ cancelledInCsCartAt: NOW.getTime(), csCartStatus: 'I' })
  expect(world.orders.historyOf(id).map(({ event, runId }) => [event, runId])).toContainEqual([
    'cancelled_in_cs_cart',
    run.id,
  ])
  expect(await world.plan()).toMatchObject({ items: [] })

  world.pretend.setStatus(csCartId, 'P')
  await importAgain(world, csCartId)
  expect(await world.exportAll('schedule')).toMatchObject({ state: 'succeeded', done: 1 })
})

test('what the clock skipped because it had just changed is tried by the clock again', async () => {
  world = await exportWorld({ now: () => new Date(NOW.getTime()) })
  const { id, csCartId } = await world.dueOrder()
  const wrong = world.pretend.addShipment({ orderId: csCartId, trackingNumber: '99', status: 'S' })
  expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
  // A person puts it right in both places, and it moves just when the clock looks.
  world.pretend.removeShipment(wrong.id)
  world.edit(id, { trackingNumber: '501234567891' })
  const { pretend } = world
  pretend.setLatency(40)
  const before = pretend.ledger.of('shipments.list').length
  const run = world.exportAll('schedule')
  await expect.poll(() => pretend.ledger.of('shipments.list').length, { interval: 1 }).toBe(before + 1)
  pretend.setStatus(csCartId, 'O')
  expect(world.itemsOf(await run)).toMatchObject([{ outcome: 'skipped', reason: 'changed_since_plan' }])
  pretend.setLatency(0)
  expect(await world.exportAll('schedule')).toMatchObject({ state: 'succeeded', done: 1 })
})

test('試運転 by the clock tells each order once, and again when something about it has changed', async () => {
  world = await exportWorld({ settings: { dryRun: true } })
  const one = await world.dueOrder()
  await world.dueOrder()
  expect(await world.exportAll('schedule')).toMatchObject({ skipped: 2 })
  const requests = world.pretend.ledger.requests.length
  expect(await world.exportAll('schedule')).toMatchObject({ skipped: 0, found: 0 })
  expect(world.pretend.ledger.requests).toHaveLength(requests)
  world.edit(one.id, { trackingNumber: '501234567891' })
  expect(await world.exportAll('schedule')).toMatchObject({ skipped: 1 })
})

test('a trial tells again what failed of something that passes, and leaves the reason of the real export', async () => {
  world = await exportWorld({ profile: 'jp413' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { trackingNumber: '501234567891' })
  expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
  // 「接続テスト」 forgets what PUT did: the clock tries once more, and rests then.
  world.shops.remember(world.shop().id, { capabilities: { putShipment: undefined } })
  expect(await world.exportAll('schedule')).toMatchObject({ found: 1, failed: 1 })
  expect(await world.exportAll('schedule')).toMatchObject({ found: 0 })

  world.db.$client.prepare('update shops set dry_run = 1, settings_saved_at = settings_saved_at + 1').run()
  world.shops.remember(world.shop().id, { capabilities: { putShipment: undefined } })
  world.pretend.faults.add({ kind: 'broken-json', on: 'orders.get', times: 2 })
  expect(await world.exportAll('schedule')).toMatchObject({ dryRun: true, failed: 1 })
  const { id: planId } = await world.plan()
  world.pretend.setStatus(csCartId, 'P')
  expect(await world.execute(planId)).toMatchObject({ dryRun: true, skipped: 1 })
  expect(world.orders.find(id)?.exportReason).toBe('cannot_update_shipment')
})

test('what may pass is tried five times by the clock, and a person begins the count anew', async () => {
  world = await exportWorld()
  const { id, csCartId } = await world.dueOrder()
  world.pretend.faults.add({ kind: 'reset-before', on: 'shipments.post', times: null })
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
    expect(world.orders.find(id)).toMatchObject({ exportAttempts: attempt, exportReason: 'answer_lost' })
  }
  expect(await world.exportAll('schedule')).toMatchObject({ failed: 0, done: 0 })
  expect(await world.exportAll('manual')).toMatchObject({ failed: 1 })
  expect(world.orders.find(id)?.exportAttempts).toBe(1)
  world.pretend.faults.clear()
  expect(await world.exportAll('schedule')).toMatchObject({ done: 1 })
  expect(world.orders.find(id)).toMatchObject({ exportState: 'confirmed', exportAttempts: 0 })
  expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
})

test('自動書き出し that a crash cut off is not gone on with once the contract is over, and is while it is in force', async () => {
  for (const inForce of [false, true]) {
    const shop = await startPretendShop({ profile: 'v420', now: () => new Date(START) })
    const app = await testApp()
    const { services } = app
    const stored = services.shops.find(app.connectShop(shop))
    if (!stored) throw new Error('no shop')
    const groups = [{ shippingId: 12, groupKey: 0 }]
    const { id: csCartId } = shop.addOrder({ status: 'P', shippingShape: 'list', lines: [A(1)], groups })
    await takeIn(services, stored, csCartId)
    services.runs.claim(
      { shopId: stored.id, kind: 'export', trigger: 'schedule', request: { days: 1, by: 'clock' } },
      START,
    )
    services.runs.interruptRunning(START)
    const startsOn = inForce ? '2026-11-01' : '2026-10-01'
    const endsOn = inForce ? null : '2026-11-23'
    services.contract.record({ startsOn, endsOn, contractNumber: '', note: '' }, null, START)

    services.automation.start()
    await expect.poll(() => services.runs.allRunning()).toEqual([])
    expect(shop.ledger.order(csCartId).status).toBe(inForce ? 'C' : 'P')
    expect(shop.ledger.writes.length > 0).toBe(inForce)
    await app.close()
    await shop.close()
  }
})
