import { afterEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { START, testApp } from '../support/app.ts'
import { A, exportWorld, takeIn, type World } from './world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

/** Five due orders, on the third of which the shop fails. */
async function poisonedWorld() {
  world = await exportWorld({ settings: { requestsAtOnce: 1 } })
  const due = []
  for (let count = 0; count < 5; count += 1) due.push(await world.dueOrder())
  const poisoned = due[2] ?? { id: 0, csCartId: 0 }
  const others = due.filter((order) => order !== poisoned)
  const poison = () =>
    world?.pretend.faults.add({ kind: 'error-html', on: 'orders.get', orderId: poisoned.csCartId, times: null })
  return { world, poisoned, others, poison }
}

const confirmed = (of: World, orders: { id: number }[]) =>
  orders.map(({ id }) => of.orders.find(id)?.exportState === 'confirmed')

test('a due order on which the shop fails does not keep the others from being written', async () => {
  const { world, poisoned, others, poison } = await poisonedWorld()
  poison()
  const run = await world.exportAll('schedule')
  expect(run).toMatchObject({ state: 'partial', reason: null, done: 4, failed: 1 })
  expect(confirmed(world, others)).toEqual([true, true, true, true])
  for (const { csCartId } of others) expect(world.pretend.ledger.order(csCartId).status).toBe('C')
  expect(world.itemsOf(run).find(({ outcome }) => outcome === 'failed')).toMatchObject({
    orderId: poisoned.id,
    reason: 'unavailable',
    detail: expect.stringContaining('HTTP 500'),
  })
  expect(world.orders.find(poisoned.id)).toMatchObject({ exportState: 'error', exportAttempts: 1 })

  for (let attempt = 2; attempt <= 5; attempt += 1) {
    expect(await world.exportAll('schedule')).toMatchObject({ failed: 1 })
  }
  // Given up by the clock, not by a person.
  expect(await world.exportAll('schedule')).toMatchObject({ state: 'succeeded', failed: 0, done: 0 })
  world.pretend.faults.clear()
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
})

test('where the shop begins to fail on it after the plan was shown, it is one failed order with an attempt', async () => {
  const { world, poisoned, others, poison } = await poisonedWorld()
  const { id: planId } = await world.plan()
  poison()
  expect(await world.execute(planId)).toMatchObject({ state: 'partial', reason: null, done: 4, failed: 1 })
  expect(confirmed(world, others)).toEqual([true, true, true, true])
  expect(world.orders.find(poisoned.id)).toMatchObject({ exportReason: 'unavailable', exportAttempts: 1 })
})

test('a shop that fails in everything ends the run, and no order is held back for it', async () => {
  const { world } = await poisonedWorld()
  world.pretend.faults.add({ kind: 'error-html', on: 'any', times: null })
  const before = world.pretend.ledger.requests.length
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    expect(await world.exportAll('schedule')).toMatchObject({
      state: 'failed',
      reason: 'unavailable',
      done: 0,
      failed: 1,
    })
  }
  expect(world.pretend.ledger.requests.length - before).toBeLessThanOrEqual(6 * 4)
  world.pretend.faults.clear()
  expect(await world.exportAll('schedule')).toMatchObject({ state: 'succeeded', done: 5 })
})

test('neighbours on which the shop fails are given up one after the other, so that the rest is written in the end', async () => {
  const { world, poisoned, others } = await poisonedWorld()
  const bad = [poisoned, ...others.slice(2)]
  for (const { csCartId } of bad) {
    world.pretend.faults.add({ kind: 'error-html', on: 'orders.get', orderId: csCartId, times: null })
  }
  // Three in a row are taken for the shop's own failure.
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    expect(await world.exportAll('schedule')).toMatchObject({ state: 'failed', reason: 'unavailable' })
  }
  expect(await world.exportAll('schedule')).toMatchObject({ state: 'partial', reason: null, done: 2, failed: 1 })
})

test('「更新対象の確認」 shows why it cannot be written, and writes the others', async () => {
  const shop: PretendShop = await startPretendShop({ profile: 'v420', now: () => new Date(START) })
  const app = await testApp({ client: { sleep: async () => {} } })
  try {
    const stored = app.services.shops.find(app.connectShop(shop))
    if (!stored) throw new Error('no shop')
    const numbers: number[] = []
    for (let count = 0; count < 5; count += 1) {
      const groups = [{ shippingId: 12, groupKey: 0 }]
      const { id } = shop.addOrder({ status: 'P', shippingShape: 'list', lines: [A(1)], groups })
      await takeIn(app.services, stored, id)
      numbers.push(id)
    }
    const poisoned = numbers[2] ?? 0
    shop.faults.add({ kind: 'error-html', on: 'orders.get', orderId: poisoned, times: null })

    const plan = await app.merchant.submit(`/export/${stored.id}/plan`)

    expect(plan.text).toContain('書き込める受注 4 件・書き込めない受注 1 件')
    const row = plan.rows().find((cells) => cells.join(' ').includes(String(poisoned)))
    expect(row?.join(' ')).toContain('書き込めません: ショップが一時的に利用できません')
  } finally {
    await app.close()
    await shop.close()
  }
})
