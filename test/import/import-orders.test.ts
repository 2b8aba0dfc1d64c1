import { afterEach, describe, expect, it } from 'vitest'
import { DAY, type ImportWorld, importWorld, MINUTE, PROFILES } from './world.ts'

let world: ImportWorld

afterEach(() => world.close())

describe.each(PROFILES)('an import from a shop like %s', (profile) => {
  it('takes in the orders of the last days in the fetch statuses, each once, and keeps what CS-Cart answered', async () => {
    world = await importWorld({ profile })
    world.shop.addOrders(230, { from: world.ago(6 * DAY), statuses: ['O', 'P'] })
    world.shop.addOrders(10, { from: world.ago(6 * DAY), statuses: ['C', 'I', 'B'] })
    world.shop.addOrders(10, { from: world.ago(30 * DAY), to: world.ago(8 * DAY), statuses: ['P'] })

    const run = await world.import()

    expect(run).toMatchObject({ state: 'succeeded', created: 230, changed: 0, unchanged: 0, failed: 0, found: 230 })
    const due = world.shop
      .orders()
      .filter((order) => 'OP'.includes(order.status) && order.timestamp * 1000 > world.ago(7 * DAY).getTime())
    expect(world.numbers()).toEqual(due.map((order) => order.id))
    const stored = world.stored(due[0]?.id ?? 0)
    expect(JSON.parse(world.services.orders.rawOf(stored?.id ?? 0) ?? '')).toMatchObject({
      order_id: String(due[0]?.id),
    })
    expect(stored).toMatchObject({ statusId: 1, orderedAt: (due[0]?.timestamp ?? 0) * 1000 })
  })

  it('leaves a row of history also for what only its date of change tells, and for goods that left in exchange', async () => {
    world = await importWorld({ profile })
    const [one, two] = [
      { productId: 1201, product: '湯のみ', price: 1000, amount: 2 },
      { productId: 1305, product: '急須', price: 3000, amount: 2 },
    ]
    const order = world.shop.addOrder({ status: 'P', lines: [one, two] })
    const [a, b] = order.lines.map((line) => line.itemId)
    const shipment = world.shop.addShipment({ orderId: order.id, trackingNumber: '1', products: { [a ?? '']: 1 } })
    await world.import()
    const newest = () => world.services.orders.historyOf(world.stored(order.id)?.id ?? 0)[0]

    world.clock.advance(MINUTE)
    world.shop.editOrder(order.id, {})
    const run = await world.import()
    if (profile !== 'jp410') {
      expect(newest()).toMatchObject({ event: 'changed_in_cs_cart', runId: run.id })
      expect(newest()?.changes).toMatchObject([{ field: 'csCartUpdatedAt' }])
      expect(run).toMatchObject({ changed: 0, unchanged: 1 })
    }

    world.shop.removeShipment(shipment.id)
    world.shop.addShipment({ orderId: order.id, trackingNumber: '1', products: { [b ?? '']: 1 } })
    expect(await world.import()).toMatchObject({ changed: 1 })
    expect(newest()?.changes).toEqual([
      { field: 'shippedAmount', from: '湯のみ 1/2、急須 0/2', to: '湯のみ 0/2、急須 1/2' },
    ])
  })

  it('writes no row when nothing has changed', async () => {
    world = await importWorld({ profile })
    world.shop.addOrders(120, { from: world.ago(6 * DAY), statuses: ['O', 'P'] })
    await world.import()
    const before = world.rows()
    world.clock.advance(5 * 60_000)

    expect(await world.import()).toMatchObject({ state: 'succeeded', created: 0, changed: 0, unchanged: 120 })
    expect(await world.import({ mode: 'scheduled' })).toMatchObject({ state: 'succeeded', unchanged: 120 })

    expect(world.rows()).toBe(before)
  })
})
