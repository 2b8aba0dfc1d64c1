import { afterEach, describe, expect, test } from 'vitest'
import { writtenAs } from '../../src/orders/order.ts'
import { inFrontOf, refusal } from '../support/in-front-of.ts'
import { A, B, exportWorld, NUMBER, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const RIGHT = '501234567891'

test('v420: a number corrected after it was confirmed is put into the same shipment', async () => {
  world = await exportWorld({ profile: 'v420' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { trackingNumber: RIGHT })
  const { id: planId, items } = await world.plan()
  expect(items[0]?.planned.parcels).toMatchObject([{ action: 'correct', change: { trackingNumber: RIGHT } }])
  expect(await world.execute(planId)).toMatchObject({ state: 'succeeded', done: 1 })
  expect(world.pretend.ledger.order(csCartId).shipments).toMatchObject([{ number: RIGHT, status: 'S' }])
  expect(world.shop().capabilities.putShipment).toBe(true)
})

test.each([
  ['E', 'E', ['P', 'C', 'E']],
  ['P', 'C', ['P', 'C', 'P', 'C']],
])(
  'v420: where the shop has moved a shipped order on to %s, a corrected number leaves it at %s',
  async (moved, left, history) => {
    world = await exportWorld({ profile: 'v420' })
    world.pretend.addStatus({ letter: 'E', name: '受取完了' })
    const { id, csCartId } = await world.dueOrder()
    await world.exportAll()
    world.pretend.setStatus(csCartId, moved)
    world.edit(id, { trackingNumber: RIGHT })
    const { id: planId, items } = await world.plan()
    expect(items).toMatchObject([{ reason: null, planned: { statusNow: moved, statusWill: left } }])
    expect(await world.execute(planId)).toMatchObject({ state: 'succeeded', done: 1 })
    const { status, shipments, history: been } = world.pretend.ledger.order(csCartId)
    expect(shipments).toMatchObject([{ number: RIGHT }])
    expect([status, been.map((step) => step.to)]).toEqual([left, history])
    expect(world.orders.find(id)).toMatchObject({ exportState: 'confirmed', csCartStatus: left })
    expect(await world.plan()).toMatchObject({ items: [] })
  },
)

test('jp413: nor does one that a person put right in CS-Cart, as told, and that is then looked at again', async () => {
  world = await exportWorld({ profile: 'jp413' })
  world.pretend.addStatus({ letter: 'E', name: '受取完了' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.pretend.setStatus(csCartId, 'E')
  world.edit(id, { trackingNumber: RIGHT })
  const tried = await world.exportAll()
  const [shipment] = world.pretend.shipments(csCartId)
  // Pasted there with a character that nobody sees.
  world.pretend.editShipment(shipment?.id ?? 0, { trackingNumber: `${RIGHT}\u200b` })
  expect(await world.retry(tried)).toMatchObject({ done: 1, failed: 0 })
  expect(world.pretend.ledger.order(csCartId).history.map((step) => step.to)).toEqual(['P', 'C', 'E'])
})

test('v420: a plan that shows the status staying is skipped where it would be written after all', async () => {
  world = await exportWorld({ profile: 'v420' })
  world.pretend.addStatus({ letter: 'E', name: '受取完了' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.pretend.setStatus(csCartId, 'E')
  world.edit(id, { trackingNumber: RIGHT })
  const { id: planId } = await world.plan()
  world.db.$client.prepare(`update shops set fetch_statuses = '["O","P","E"]'`).run()
  expect(world.itemsOf(await world.execute(planId))).toMatchObject([
    { outcome: 'skipped', reason: 'changed_since_plan' },
  ])
  expect(world.pretend.ledger.order(csCartId).status).toBe('E')
})

describe.each(['jp413', 'v420'] as const)(
  '%s: an order whose lines have other ids since (edited in CS-Cart)',
  (profile) => {
    const editLines = (csCartId: number) => {
      const lines = world.pretend.order(csCartId)?.lines ?? []
      world.pretend.editOrder(csCartId, { lines: lines.map((line) => ({ ...line, itemId: `9${line.itemId}` })) })
    }

    test('is not shipped again where the first answer was lost', async () => {
      world = await exportWorld({ profile, settings: { notifyCustomer: true } })
      const { csCartId } = await world.dueOrder()
      world.pretend.faults.add({ kind: 'reset-after', on: 'shipments.post' })
      world.pretend.faults.add({ kind: 'unavailable', on: 'orders.get', nth: 3, times: 2 })
      const tried = await world.exportAll()
      expect(tried).toMatchObject({ failed: 1 })
      editLines(csCartId)
      const [item] = world.itemsOf(await world.retry(tried))
      expect(item).toMatchObject({ outcome: 'failed', reason: 'shipment_of_other_lines' })
      expect(item?.detail).toContain(NUMBER)
      const { shipments, mails } = world.pretend.ledger.order(csCartId)
      expect(shipments).toHaveLength(1)
      expect(mails.length).toBeLessThanOrEqual(1)
      // A person deletes what belongs to no line any more.
      world.pretend.removeShipment(world.pretend.shipments(csCartId)[0]?.id ?? 0)
      expect(await world.exportAll()).toMatchObject({ done: 1 })
    })

    test('gets no second shipment beside the old number when that is corrected', async () => {
      world = await exportWorld({ profile })
      const { id, csCartId } = await world.dueOrder()
      await world.exportAll()
      editLines(csCartId)
      world.edit(id, { trackingNumber: RIGHT })
      const { items } = await world.plan()
      expect(items).toMatchObject([{ reason: 'shipment_of_other_lines' }])
      expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
    })

    test.each([[{}], [{ '999': 1 }]])('or a shipment made by hand that names none of them, %j', async (products) => {
      world = await exportWorld({ profile })
      const { csCartId } = await world.dueOrder()
      world.pretend.addShipment({ orderId: csCartId, trackingNumber: NUMBER, carrier: 'yamato', status: 'S', products })
      const run = await world.exportAll()
      expect(world.itemsOf(run)).toMatchObject([{ outcome: 'failed', reason: 'shipment_of_other_lines' }])
      expect(world.pretend.ledger.order(csCartId).shipments).toHaveLength(1)
    })
  },
)

test('jp413: the corrected number is refused in words, and adopted once a person has put it right in CS-Cart', async () => {
  world = await exportWorld({ profile: 'jp413' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { trackingNumber: RIGHT })
  const tried = await world.exportAll()
  const [item] = world.itemsOf(tried)
  const [shipment] = world.pretend.shipments(csCartId)
  expect(item?.reason).toBe('cannot_update_shipment')
  expect(item?.detail).toContain(`配送 #${shipment?.id}`)
  expect(item?.detail).toContain(`「${NUMBER}」から「${RIGHT}」に`)
  expect(world.shop().capabilities.putShipment).toBe(false)
  expect(world.pretend.ledger.order(csCartId).shipments).toMatchObject([{ number: NUMBER }])

  // The next plan says it before anything is tried.
  const { items } = await world.plan()
  expect(items).toMatchObject([{ reason: 'cannot_update_shipment', included: false }])
  expect(world.pretend.ledger.of('shipments.put')).toHaveLength(1)

  world.pretend.editShipment(shipment?.id ?? 0, { trackingNumber: RIGHT })
  expect(await world.retry(tried)).toMatchObject({ state: 'succeeded', done: 1 })
  expect(world.orders.find(id)).toMatchObject({ exportState: 'confirmed', exportReason: null })
})

test('a refusal that has nothing to do with the version concerns its order alone, and PUT is tried for the next', async () => {
  world = await exportWorld({ profile: 'v420' })
  const front = await inFrontOf(world.pretend.url)
  try {
    world.db.$client.prepare('update shops set base_url = ?').run(`${front.url}/`)
    const one = await world.dueOrder()
    const two = await world.dueOrder({}, { trackingNumber: '401234567899' })
    await world.exportAll()
    world.edit(one.id, { trackingNumber: RIGHT })
    world.edit(two.id, { trackingNumber: '601234567891' })
    const [shipment] = world.pretend.shipments(one.csCartId)
    front.answer('PUT', `/shipments/${shipment?.id}`, refusal('この配送は変更できません'))
    const run = await world.exportAll()
    expect(run).toMatchObject({ state: 'partial', done: 1, failed: 1 })
    const failed = world.itemsOf(run).find((item) => item.orderId === one.id)
    expect(failed).toMatchObject({ reason: 'rejected' })
    expect(failed?.detail).toContain('この配送は変更できません')
    expect(world.shop().capabilities.putShipment).not.toBe(false)
    expect(world.pretend.ledger.order(two.csCartId).shipments).toMatchObject([{ number: '601234567891' }])
    front.handOn()
    expect(await world.retry(run)).toMatchObject({ state: 'succeeded', done: 1 })
  } finally {
    await front.close()
  }
})

test('a corrected carrier is for a person to change, and says from what to what', async () => {
  world = await exportWorld({ profile: 'v420' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { carrier: 'sagawa' })
  const { items } = await world.plan()
  expect(items).toMatchObject([{ reason: 'cannot_change_carrier' }])
  expect(items[0]?.planned.detail).toContain('配送業者を「yamato」から「sagawa」に')
  const [shipment] = world.pretend.shipments(csCartId)
  world.pretend.editShipment(shipment?.id ?? 0, { carrier: 'sagawa' })
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
})

test('a second number typed later goes into the comment where the shop can do it', async () => {
  world = await exportWorld({ profile: 'v416' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { trackingNumber: `${NUMBER} ${RIGHT}` })
  await world.exportAll()
  expect(world.pretend.shipments(csCartId)).toMatchObject([{ comments: `他の伝票番号: ${RIGHT}` }])
  world.edit(id, { trackingNumber: NUMBER })
  await world.exportAll()
  expect(world.pretend.shipments(csCartId)).toMatchObject([{ trackingNumber: NUMBER, comments: '' }])
})

test('a shipment by hand that has not left yet is set to S where the shop can do it, else a person is asked', async () => {
  for (const profile of ['v420', 'jp413'] as const) {
    world = await exportWorld({ profile })
    const { csCartId } = await world.dueOrder()
    world.pretend.addShipment({ orderId: csCartId, trackingNumber: NUMBER, carrier: 'yamato', status: 'P' })
    const run = await world.exportAll()
    if (profile === 'v420') {
      expect(run.state).toBe('succeeded')
      expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'C', shipments: [{ status: 'S' }] })
      await world.close()
    } else {
      expect(world.itemsOf(run)).toMatchObject([{ reason: 'cannot_update_shipment' }])
      expect(world.itemsOf(run)[0]?.detail).toContain('配送ステータスを「配送済み」に')
    }
  }
})

test('a shipment that a person deleted in CS-Cart is made anew once the order is due again, without telling the customer twice', async () => {
  world = await exportWorld({ profile: 'v420', settings: { notifyCustomer: true } })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  const [shipment] = world.pretend.shipments(csCartId)
  world.pretend.removeShipment(shipment?.id ?? 0)
  world.edit(id, { trackingNumber: RIGHT })
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded' })
  expect(world.pretend.ledger.order(csCartId)).toMatchObject({ shipments: [{ number: RIGHT }] })
  expect(world.pretend.ledger.order(csCartId).mails).toHaveLength(1)
})

describe('v420: a corrected number that one PUT would bring to a part of the order only', () => {
  test('where a person shipped some of it under the old number, nothing is called confirmed until both are right', async () => {
    world = await exportWorld({ profile: 'v420' })
    const { id, csCartId } = await world.dueOrder({ lines: [A(1), B(1)] })
    const [first] = world.pretend.order(csCartId)?.lines ?? []
    const products = { [first?.itemId ?? '']: 1 }
    const byHand = world.pretend.addShipment({
      orderId: csCartId,
      trackingNumber: NUMBER,
      carrier: 'yamato',
      status: 'S',
      products,
    })
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
    world.edit(id, { trackingNumber: RIGHT })
    const writes = world.pretend.ledger.writes.length

    const tried = await world.exportAll()
    const [item] = world.itemsOf(tried)
    expect(item?.reason).toBe('several_shipments')
    const all = world.pretend.shipments(csCartId)
    expect(all).toHaveLength(2)
    for (const shipment of all) expect(item?.detail).toContain(`配送 #${shipment.id}`)
    expect(world.pretend.ledger.writes).toHaveLength(writes)
    expect(world.orders.find(id)).toMatchObject({ exportState: 'error', exportReason: 'several_shipments' })

    // One is not enough.
    world.pretend.editShipment(byHand.id, { trackingNumber: RIGHT })
    expect(world.itemsOf(await world.retry(tried))).toMatchObject([{ reason: 'several_shipments' }])
    for (const shipment of all) world.pretend.editShipment(shipment.id, { trackingNumber: RIGHT })
    expect(await world.retry(tried)).toMatchObject({ state: 'succeeded', done: 1 })
  })

  test('where CS-Cart has more to ship by now, the rest is not forgotten', async () => {
    world = await exportWorld({ profile: 'v420' })
    const { id, csCartId } = await world.dueOrder({ lines: [A(2)] })
    await world.exportAll()
    const lines = world.pretend.order(csCartId)?.lines ?? []
    world.pretend.editOrder(csCartId, { lines: lines.map((line) => ({ ...line, amount: 3 })) })
    world.edit(id, { trackingNumber: RIGHT })

    const tried = await world.exportAll()
    const [item] = world.itemsOf(tried)
    expect(item?.reason).toBe('several_shipments')
    expect(item?.detail).toContain(`残りの商品 1点を、伝票番号「${RIGHT}」で配送登録してください。`)
    expect(world.orders.find(id)?.exportState).toBe('error')
    const [shipment] = world.pretend.shipments(csCartId)
    world.pretend.editShipment(shipment?.id ?? 0, { trackingNumber: RIGHT })
    expect(await world.retry(tried)).toMatchObject({ state: 'succeeded', done: 1 })
    const shipped = world.pretend.shipments(csCartId).flatMap(({ products }) => Object.values(products))
    expect(shipped.reduce((sum, amount) => sum + amount, 0)).toBe(3)
  })
})

test('jp413: a shipment that the shop gives another status is put right by a person, and adopted then', async () => {
  world = await exportWorld({ profile: 'jp413' })
  world.pretend.configure({ newShipmentStatus: 'A' })
  const { csCartId } = await world.dueOrder()
  const tried = await world.exportAll()
  const [shipment] = world.pretend.shipments(csCartId)
  expect(world.itemsOf(tried)).toMatchObject([{ outcome: 'failed', reason: 'cannot_update_shipment' }])
  expect(world.itemsOf(tried)[0]?.detail).toContain('配送ステータスを「配送済み」に直してください')
  expect(world.pretend.ledger.of('shipments.put')).toHaveLength(1)
  world.pretend.editShipment(shipment?.id ?? 0, { status: 'S' })
  expect(await world.retry(tried)).toMatchObject({ done: 1, failed: 0 })
  expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'C', shipments: [{ status: 'S' }] })
})

test('a correction that may have reached the shop is taken back there too when staff take it back here', async () => {
  world = await exportWorld({ profile: 'v420' })
  const { id, csCartId } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { trackingNumber: RIGHT })
  // It is written, and nobody hears of it.
  world.pretend.faults.add({ kind: 'reset-after', on: 'shipments.put' })
  world.pretend.faults.add({ kind: 'unavailable', on: 'shipments.get', times: 2 })
  expect(await world.exportAll()).toMatchObject({ done: 0, failed: 1 })
  expect(world.pretend.ledger.order(csCartId).shipments).toMatchObject([{ number: RIGHT }])

  world.edit(id, { trackingNumber: NUMBER })
  expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
  expect(world.pretend.ledger.order(csCartId).shipments).toMatchObject([{ number: NUMBER }])
})

test('a correction that the shop refused leaves the order as it was written, once staff take it back', async () => {
  world = await exportWorld({ profile: 'jp413' })
  const { id } = await world.dueOrder()
  await world.exportAll()
  world.edit(id, { trackingNumber: RIGHT })
  expect(await world.exportAll()).toMatchObject({ failed: 1 })
  world.edit(id, { trackingNumber: NUMBER })
  expect(await world.plan()).toMatchObject({ items: [] })
  const order = world.orders.find(id)
  expect(order && order.exportedAs === writtenAs(order)).toBe(true)
})
