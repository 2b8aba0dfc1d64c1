import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDraft, itemIdOf, makeOrder } from '../../src/demo/shop/generate/order.ts'
import { json } from './shop-client.ts'
import { NOON, shopsOfTest, tokyo } from './shops.ts'

const start = shopsOfTest()
const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const ids = fc.integer({ min: 1, max: 1_000_000 })

describe('made-up orders', () => {
  it('are the same for the same seed, id and time', () => {
    fc.assert(
      fc.property(seeds, ids, (seed, id) => {
        expect(makeOrder(seed, id, 1_795_000_000)).toEqual(makeOrder(seed, id, 1_795_000_000))
      }),
    )
  })

  it('differ from each other', () => {
    const texts = Array.from({ length: 500 }, (_, id) => JSON.stringify({ ...makeOrder(1, id, 1000), id: 0 }))
    expect(new Set(texts).size).toBeGreaterThan(495)
  })

  it('cost what their parts add up to, and never less than nothing', () => {
    fc.assert(
      fc.property(seeds, ids, (seed, id) => {
        const order = makeOrder(seed, id, 1_795_000_000)
        const lines = order.lines.reduce((sum, line) => sum + line.price * line.amount, 0)
        const shipping = order.groups.reduce((sum, group) => sum + group.rate, 0)
        expect(order.total).toBe(lines + shipping + order.surcharge - order.subtotalDiscount - order.pointsUsed)
        expect(order.total).toBeGreaterThan(0)
      }),
    )
  })

  it('have a unit price of base and options, and a group for every line that ships', () => {
    fc.assert(
      fc.property(seeds, ids, (seed, id) => {
        const order = makeOrder(seed, id, 1_795_000_000)
        for (const line of order.lines) {
          expect(line.price).toBe(line.basePrice + line.options.reduce((sum, option) => sum + option.modifier, 0))
          expect(line.itemId).toBe(itemIdOf(line.productId, line.options))
        }
        const keys = new Set(order.groups.map((group) => group.groupKey))
        if (!order.lines.every((line) => line.downloadable)) {
          for (const line of order.lines) expect(keys).toContain(line.groupKey)
        }
      }),
    )
  })

  it('show everything that a shop meets', () => {
    const orders = Array.from({ length: 400 }, (_, id) => makeOrder(7, id, 1_795_000_000))
    const every = <T>(read: (order: (typeof orders)[number]) => T): Set<T> => new Set(orders.map(read))
    expect(every((order) => order.payment)).toEqual(new Set(['card', 'bank', 'cod', 'konbini']))
    expect(every((order) => order.groups[0]?.module)).toEqual(new Set(['yamato', 'sagawa', 'jpost', undefined]))
    expect(every((order) => order.groups.length)).toEqual(new Set([0, 1, 2]))
    for (const trait of [
      (order) => order.pointsUsed > 0,
      (order) => order.subtotalDiscount > 0,
      (order) => order.surcharge > 0,
      (order) => order.notes !== '',
      (order) => order.userId === 0,
      (order) => order.shipping.address !== order.billing.address,
      (order) => order.groups[0]?.deliveryDate?.match(/^\d{4}年\d\d月\d\d日\([日月火水木金土]\)$/) != null,
      (order) => order.lines.some((line) => line.downloadable),
      (order) => new Set(order.lines.map((line) => line.taxRate)).size === 2,
    ] satisfies ((order: (typeof orders)[number]) => boolean)[]) {
      expect(every(trait)).toEqual(new Set([true, false]))
    }
  })

  it('put 姓 into firstname with its kana', () => {
    const named = Array.from({ length: 200 }, (_, id) => makeOrder(3, id, 1000)).find(
      ({ firstname }) => firstname === '佐藤',
    )
    expect(named?.kana.billing.firstname).toBe('サトウ')
  })
})

describe('a draft', () => {
  it('leaves the rest as it was, and a given total stands', () => {
    const base = makeOrder(1, 1, 1000)
    expect(applyDraft(base, {})).toEqual(base)
    expect(applyDraft(base, { billing: { city: '那覇市' } }).billing).toEqual({ ...base.billing, city: '那覇市' })
    expect(applyDraft(base, { total: 1 }).total).toBe(1)
    expect(applyDraft(base, { notes: undefined }).notes).toBe(base.notes)
  })
})

describe('many orders', () => {
  it('are spread over their period, oldest first, with the wanted statuses', async () => {
    const { shop } = await start()
    const [from, to] = [tokyo('2026-11-01T00:00:00'), tokyo('2026-11-30T23:59:59')]
    const orders = shop.addOrders(300, { seed: 4, from: new Date(from * 1000), to, statuses: ['O', 'P'] })
    const times = orders.map((order) => order.timestamp)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.every((time) => time >= from && time <= to)).toBe(true)
    expect(new Set(times.map((time) => new Date((time + 32_400) * 1000).getUTCDate())).size).toBe(30)
    expect(new Set(orders.map((order) => order.status))).toEqual(new Set(['O', 'P']))
  })

  it('are the same in two shops of one seed', async () => {
    const [first, second] = [await start({ seed: 9 }), await start({ seed: 9 })]
    expect(first.shop.addOrders(40)).toEqual(second.shop.addOrders(40))
    expect((await start({ seed: 10 })).shop.addOrders(40)).not.toEqual(first.shop.orders())
  })

  it('add up over HTTP too', async () => {
    const { shop, client } = await start({ now: () => NOON })
    for (const { id } of shop.addOrders(60, { seed: 2 })) {
      const body = json(await client.get(`orders/${id}`))
      const points = body.points_info.in_use?.cost ?? 0
      const owed = body.subtotal + Number(body.shipping_cost) + body.payment_surcharge - body.subtotal_discount - points
      expect(Number(body.total)).toBe(owed)
      const lines = Object.values<{ price: string; amount: string }>(body.products)
      expect(lines.reduce((sum, line) => sum + Number(line.price) * Number(line.amount), 0)).toBe(body.subtotal)
    }
  })
})
