import { afterEach, expect, test } from 'vitest'
import { exportWorld, NUMBER, type World } from './world.ts'

let world: World
afterEach(() => world.close())

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
  const reads = () => world.pretend.ledger.requests.length
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
