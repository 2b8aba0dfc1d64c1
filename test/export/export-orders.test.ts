import { afterEach, describe, expect, test } from 'vitest'
import type { Profile } from '../../src/demo/shop/index.ts'
import { inWords } from '../../src/export/in-words.ts'
import { NOW } from './services.ts'
import { A, B, exportWorld, NUMBER, TWO_GROUPS, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const PROFILES: Profile[] = ['jp410', 'jp413', 'v416', 'v420']
const OTHER = '501234567891'
const reasons = (run: Awaited<ReturnType<World['exportAll']>>) => world.itemsOf(run).map((item) => item.reason)

describe.each(PROFILES)('on %s', (profile) => {
  test('a due order gets one shipment with its lines, carrier, number and status S, and becomes C', async () => {
    world = await exportWorld({ profile })
    const { id, csCartId } = await world.dueOrder({ lines: [A(2), B(1)] })
    const run = await world.exportAll()
    expect(run).toMatchObject({ state: 'succeeded', done: 1, failed: 0 })
    const ledger = world.pretend.ledger.order(csCartId)
    expect(ledger).toMatchObject({ status: 'C', recalculated: [] })
    const lines = world.pretend.order(csCartId)?.lines ?? []
    const products = Object.fromEntries(lines.map((line) => [line.itemId, line.amount]))
    expect(ledger.shipments).toEqual([
      expect.objectContaining({ number: NUMBER, carrier: 'yamato', status: 'S', products }),
    ])
    expect(world.orders.find(id)).toMatchObject({ exportState: 'confirmed', csCartStatus: 'C', exportReason: null })
    expect(world.orders.historyOf(id).map((entry) => entry.event)).toContain('confirmed')
    expect(world.exports.parcels.ofOrder(id)).toMatchObject([{ state: 'confirmed' }])
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 0 })
  })

  test('several shipping groups get one shipment each with the same number', async () => {
    world = await exportWorld({ profile })
    const { csCartId } = await world.dueOrder(TWO_GROUPS)
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
    const { shipments, status } = world.pretend.ledger.order(csCartId)
    expect(status).toBe('C')
    expect(shipments.map((shipment) => [shipment.number, Object.values(shipment.products)])).toEqual([
      [NUMBER, [1]],
      [NUMBER, [2]],
    ])
    expect(world.pretend.shipments(csCartId).map((shipment) => shipment.shippingId)).toEqual([12, 13])
  })

  test('of several slip numbers the first goes in the shipment and the others in its comment', async () => {
    world = await exportWorld({ profile })
    const { csCartId } = await world.dueOrder({}, { trackingNumber: `${NUMBER} ${OTHER} 601234567891` })
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded' })
    expect(world.pretend.shipments(csCartId)).toMatchObject([
      { trackingNumber: NUMBER, comments: `他の伝票番号: ${OTHER}、601234567891` },
    ])
  })

  test('what was partly shipped by hand with another number gets a shipment of the rest', async () => {
    world = await exportWorld({ profile })
    const { csCartId } = await world.dueOrder({ lines: [A(3), B(1)] })
    const [first, second] = world.pretend.order(csCartId)?.lines ?? []
    const products = { [first?.itemId ?? '']: 2 }
    world.pretend.addShipment({ orderId: csCartId, trackingNumber: OTHER, status: 'S', products })
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded' })
    expect(world.pretend.ledger.order(csCartId)).toMatchObject({
      status: 'C',
      shipments: [
        { number: OTHER },
        { number: NUMBER, products: { [first?.itemId ?? '']: 1, [second?.itemId ?? '']: 1 } },
      ],
    })
  })

  test('an order that somebody shipped whole with another number is not touched', async () => {
    world = await exportWorld({ profile })
    const { id, csCartId } = await world.dueOrder()
    world.pretend.addShipment({ orderId: csCartId, trackingNumber: OTHER, status: 'S' })
    const run = await world.exportAll()
    expect(run.state).toBe('failed')
    expect(reasons(run)).toEqual(['shipped_with_other_number'])
    expect(world.pretend.ledger.writes).toEqual([])
    expect(world.orders.find(id)).toMatchObject({ exportState: 'error', exportReason: 'shipped_with_other_number' })
  })

  test('a shipment by hand with the right number, carrier and status is adopted', async () => {
    world = await exportWorld({ profile })
    const { csCartId } = await world.dueOrder()
    world.pretend.addShipment({ orderId: csCartId, trackingNumber: '4012-3456-7891', carrier: 'yamato', status: 'S' })
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 1 })
    expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'C', shipments: [{ status: 'S' }] })
  })

  test('downloadable lines are not shipped, and an order of nothing else changes its status only', async () => {
    world = await exportWorld({ profile })
    const mixed = await world.dueOrder({ lines: [A(1), { ...B(1), downloadable: true }] })
    const files = await world.dueOrder({ lines: [{ ...A(1), downloadable: true }] })
    expect(await world.exportAll()).toMatchObject({ state: 'succeeded', done: 2 })
    const [line] = world.pretend.order(mixed.csCartId)?.lines ?? []
    expect(world.pretend.ledger.order(mixed.csCartId)).toMatchObject({
      status: 'C',
      shipments: [{ products: { [line?.itemId ?? '']: 1 } }],
    })
    expect(world.pretend.ledger.order(files.csCartId)).toMatchObject({ status: 'C', shipments: [] })
  })

  test('a customer is told once at most, whatever the setting, and never where the shop is silent', async () => {
    for (const notifyCustomer of [true, false]) {
      world = await exportWorld({ profile, settings: { notifyCustomer } })
      const one = await world.dueOrder()
      const two = await world.dueOrder(TWO_GROUPS)
      await world.exportAll()
      world.edit(one.id, { trackingNumber: OTHER })
      await world.exportAll()
      const mails = (id: number) => world.pretend.ledger.order(id).mails.length
      const always = profile === 'jp413' || profile === 'v416'
      expect(mails(one.csCartId)).toBe(always || notifyCustomer ? 1 : 0)
      // Those versions mail for each shipment, and nobody can ask them not to.
      expect(mails(two.csCartId)).toBe(always ? 2 : notifyCustomer ? 1 : 0)
      if (notifyCustomer) await world.close()
    }
  })
})

test('a cancelled, a removed and an order without shipping method are told apart, and the others go out', async () => {
  world = await exportWorld()
  const cancelled = await world.dueOrder()
  const removed = await world.dueOrder()
  const noMethod = await world.dueOrder({ shippingShape: 'absent' })
  const good = await world.dueOrder()
  world.pretend.cancel(cancelled.csCartId)
  world.pretend.removeOrder(removed.csCartId)
  const run = await world.exportAll()
  expect(run).toMatchObject({ state: 'partial', done: 1, failed: 3 })
  const reasonOf = new Map(world.itemsOf(run).map((item) => [item.orderId, item.reason]))
  expect(reasonOf.get(cancelled.id)).toBe('cancelled_in_cs_cart')
  expect(reasonOf.get(removed.id)).toBe('not_in_shop')
  expect(reasonOf.get(noMethod.id)).toBe('no_shipping_method')
  expect(new Set(world.pretend.ledger.writes.map((write) => write.orderId))).toEqual(new Set([good.csCartId]))
})

test('a stock shortage and a status that does not move are said, and no second shipment is made', async () => {
  world = await exportWorld()
  const short = await world.dueOrder({ status: 'B' })
  const blocked = await world.dueOrder()
  world.pretend.setStockShort(short.csCartId)
  world.pretend.blockStatusChange(blocked.csCartId)
  const run = await world.exportAll()
  expect(reasons(run).sort()).toEqual(['status_unchanged', 'stock_shortage'])
  world.pretend.setStockShort(short.csCartId, false)
  world.pretend.blockStatusChange(blocked.csCartId, false)
  expect(await world.retry(run)).toMatchObject({ state: 'succeeded', done: 2, continuesRunId: run.id })
  for (const { csCartId } of [short, blocked]) {
    expect(world.pretend.ledger.order(csCartId)).toMatchObject({ status: 'C', shipments: [{ number: NUMBER }] })
  }
})

test('what failed on Friday is tried again on Monday, and an order that is not due any more is named with the reason', async () => {
  let now = NOW
  world = await exportWorld({ now: () => now, settings: { exportDays: 1 } })
  // One that goes through: with none at all the run would end at the second, for want of the right.
  await world.dueOrder()
  const [late, unnumbered, held] = [await world.dueOrder(), await world.dueOrder(), await world.dueOrder()]
  for (const { csCartId } of [late, unnumbered, held]) world.pretend.blockStatusChange(csCartId)
  const run = await world.exportAll()
  expect(run).toMatchObject({ done: 1, failed: 3 })
  for (const { csCartId } of [late, unnumbered, held]) world.pretend.blockStatusChange(csCartId, false)
  now = new Date(NOW.getTime() + 3 * 86_400_000)
  world.edit(unnumbered.id, { trackingNumber: '' })
  world.edit(held.id, { statusId: 5 })

  const again = await world.retry(run)

  expect(again).toMatchObject({ state: 'succeeded', done: 1, skipped: 2, failed: 0 })
  const said = new Map(world.itemsOf(again).map(({ orderId, outcome, detail }) => [orderId, [outcome, detail]]))
  expect(said.get(late.id)?.[0]).toBe('done')
  expect(said.get(unnumbered.id)).toEqual(['skipped', '書出の対象ではなくなりました（伝票番号なし）'])
  expect(said.get(held.id)).toEqual(['skipped', '書出の対象ではなくなりました（対象外ステータス）'])
  expect(world.pretend.ledger.order(late.csCartId)).toMatchObject({ status: 'C', shipments: [{ number: NUMBER }] })
})

test('a 「失敗分を再実行」 that was cut off before it had its plan is begun again by itself, and the log says so', async () => {
  world = await exportWorld()
  const { csCartId } = await world.dueOrder()
  world.pretend.blockStatusChange(csCartId)
  const failed = await world.exportAll()
  world.pretend.blockStatusChange(csCartId, false)
  const retry = world.runs.claim(
    { shopId: failed.shopId, kind: 'export', trigger: 'manual', request: { days: 1, retryOf: failed.id } },
    NOW.getTime(),
  )
  await world.recover()
  const newest = world.runs.latest(failed.shopId, 'export')
  expect(newest).toMatchObject({ trigger: 'recovery', state: 'succeeded', done: 1 })
  expect(newest?.continuesRunId).toBe(retry.claimed && retry.run.id)
})

test("the shop's own code of a carrier is what is written, and what is shown is the carrier's name", async () => {
  world = await exportWorld({ settings: { carrierCodes: { yamato: 'KURONEKO', other: 'yamato' } } })
  const own = await world.dueOrder()
  const swapped = await world.dueOrder({}, { carrier: 'other' })
  const { items } = await world.plan()
  const shown = items.map((item) => inWords(item.planned, world.shop()).will[0])
  expect(shown).toEqual([
    expect.stringContaining('配送を登録: ヤマト運輸 '),
    expect.stringContaining('配送を登録: その他 '),
  ])
  const run = await world.exportAll()
  expect(run).toMatchObject({ done: 2 })
  expect(world.pretend.ledger.order(own.csCartId).shipments).toMatchObject([{ carrier: 'KURONEKO' }])
  expect(world.pretend.ledger.order(swapped.csCartId).shipments).toMatchObject([{ carrier: 'yamato' }])
  expect(world.itemsOf(run).map((item) => item.detail)).toEqual([
    expect.stringContaining('ヤマト運輸'),
    expect.stringContaining('その他'),
  ])
})

test('an order that has its status already says nothing of the right to change statuses', async () => {
  world = await exportWorld({ profile: 'v420', settings: { requestsAtOnce: 4 } })
  const shipped = await world.dueOrder()
  world.pretend.setStatus(shipped.csCartId, 'C')
  for (let n = 0; n < 6; n += 1) await world.dueOrder()
  world.pretend.setPrivileges(['view_orders', 'edit_order'])
  expect(await world.exportAll()).toMatchObject({ reason: 'forbidden', failed: 2 })
  expect(world.pretend.ledger.recalculated()).toHaveLength(2)
})

test.each([1, 2, 8])(
  'an account without the right to change statuses does damage to two orders at most, also with %i at once',
  async (requestsAtOnce) => {
    world = await exportWorld({ settings: { requestsAtOnce } })
    for (let n = 0; n < 6; n += 1) await world.dueOrder()
    world.pretend.setPrivileges(['view_orders', 'edit_order'])
    const run = await world.exportAll()
    expect(run).toMatchObject({ state: 'failed', reason: 'forbidden', failed: 2 })
    expect(world.pretend.ledger.recalculated()).toHaveLength(2)
  },
)

test('a wrong key ends the run at once with its reason', async () => {
  world = await exportWorld()
  for (let n = 0; n < 5; n += 1) await world.dueOrder()
  world.pretend.setUsers([])
  const run = await world.exportAll()
  expect(run).toMatchObject({ state: 'failed', reason: 'unauthorized' })
  expect(world.pretend.ledger.requests.filter((request) => request.status === 401).length).toBeLessThanOrEqual(2)
})
