import { afterEach, describe, expect, test } from 'vitest'
import { exportWorld, NUMBER, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const NEW_NUMBER = '501234567891'

/** Starts an export and does `change` while the n-th request of a kind is under way. */
async function exportAndMeanwhile(kind: { method: string; path: string; nth: number }, change: () => void) {
  world.pretend.setLatency(60)
  const before = world.pretend.ledger.requests.length
  const run = world.exportAll()
  const those = () =>
    world.pretend.ledger.requests
      .slice(before)
      .filter(({ method, path }) => method === kind.method && path.includes(kind.path))
  while (those().length < kind.nth) await new Promise((resolve) => setTimeout(resolve, 1))
  change()
  const ended = await run
  world.pretend.setLatency(0)
  return ended
}

/** The first look makes the plan, the second comes right before the order is written. */
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
})
