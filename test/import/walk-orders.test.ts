import { describe, expect, it } from 'vitest'
import type { OrderRow, OrdersPage, OrdersQuery } from '../../src/cscart/client.ts'
import { walkOrders } from '../../src/import/walk-orders.ts'
import { directShop } from './direct-shop.ts'
import { PROFILES } from './world.ts'

const START = Date.parse('2026-11-24T00:31:50Z')
const WEEK = { from: START - 7 * 86_400_000, to: START + 86_400_000 }

async function numbers(pages: AsyncGenerator<{ rows: OrderRow[] }>): Promise<number[]> {
  const found: number[] = []
  for await (const { rows } of pages) found.push(...rows.map((row) => row.orderId))
  return found
}

describe.each(PROFILES)('the list of a shop like %s', (profile) => {
  const shopWith = (count: number, secondsApart: number, onList: () => void = () => {}) => {
    const shop = directShop({ profile, now: () => new Date(START), clockOffsetMs: 0, onList })
    for (let index = 0; index < count; index += 1) {
      shop.addOrder({ status: 'P', timestamp: START / 1000 - 3600 + index * secondsApart })
    }
    return shop
  }
  const walk = (shop: ReturnType<typeof directShop>, pageSize: number) =>
    walkOrders(shop.client.listOrders, { statuses: ['P'], period: WEEK }, undefined, pageSize)

  it('is read to its end, each order once', async () => {
    for (const count of [0, 1, 2, 3, 6, 7, 20]) {
      const found = await numbers(walk(shopWith(count, 60), 3))
      expect(found).toHaveLength(count)
      expect(new Set(found).size).toBe(count)
    }
  })

  it('is read to its end where a row stands in a page twice', async () => {
    const shop = shopWith(10, 60)
    const twice = async (query: OrdersQuery): Promise<OrdersPage> => {
      const page = await shop.client.listOrders(query)
      // As an add-on's join gives it: the page is as long as ever, and one order of it stands there a second time.
      return page.rows.length < 3 ? page : { ...page, rows: page.rows.slice(0, -1), count: 3 }
    }
    const walked = walkOrders(twice, { statuses: ['P'], period: WEEK }, undefined, 3)
    expect(await numbers(walked)).toEqual(shop.orders().map((order) => order.id))
  })

  it('is read to its end where a whole page, and more, was placed in one second', async () => {
    for (const count of [3, 4, 6, 10]) {
      expect(new Set(await numbers(walk(shopWith(count, 0), 3))).size).toBe(count)
    }
  })

  it('skips no order when earlier ones leave the statuses while it is read', async () => {
    let lists = 0
    const shop = shopWith(20, 60, () => {
      lists += 1
      // Everything that was read so far is cancelled: all pages move up.
      for (const order of shop.orders().slice(0, lists * 2)) shop.setStatus(order.id, 'I')
    })
    const all = shop.orders().map((order) => order.id)
    expect(await numbers(walk(shop, 3))).toEqual(all)
  })

  it('skips no order when one leaves while a second is read that holds more than a page', async () => {
    for (const leavesAfter of [1, 2, 3, 4]) {
      let lists = 0
      const shop = shopWith(3, 0, () => {
        lists += 1
        const [first] = shop.orders()
        if (lists === leavesAfter && first) shop.setStatus(first.id, 'I')
      })
      const late = shop.addOrder({ status: 'P', timestamp: START / 1000 })
      expect([leavesAfter, await numbers(walk(shop, 3))]).toEqual([leavesAfter, expect.arrayContaining([late.id])])
    }
  })

  it('skips no order when others come in before it while it is read', async () => {
    const shop = shopWith(20, 60, () => shop.addOrder({ status: 'P', timestamp: START / 1000 - 7200 }))
    const all = shop.orders().map((order) => order.id)
    expect(await numbers(walk(shop, 3))).toEqual(expect.arrayContaining(all))
  })
})

describe('a shop that does not do as asked', () => {
  const row = (orderId: number, seconds: number, status = 'P'): OrderRow => ({
    orderId,
    status,
    orderedAt: START - 3_600_000 + seconds * 1000,
    totalCents: 100,
    firstname: '',
    lastname: '',
    email: '',
    phone: '',
    knowsStorefront: false,
  })
  const page = (query: OrdersQuery, rows: OrderRow[], more: Partial<OrdersPage> = {}): OrdersPage => ({
    rows,
    count: rows.length + (more.faults?.length ?? 0),
    page: query.page,
    itemsPerPage: query.itemsPerPage,
    totalItems: undefined,
    faults: [],
    ...more,
  })
  const walk = { statuses: ['P'], period: WEEK }

  it('and sorts in its own way is read by page numbers', async () => {
    const rows = [7, 3, 9, 1, 8, 2, 6, 5, 4].map((n) => row(n, n))
    const list = async (query: OrdersQuery) => page(query, rows.slice((query.page - 1) * 2, query.page * 2))
    expect((await numbers(walkOrders(list, walk, undefined, 2))).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('and ignores period and statuses floods nobody', async () => {
    const rows = [row(1, -9_000_000), row(2, 1, 'C'), row(3, 2), row(4, 90_000_000)]
    const list = async (query: OrdersQuery) => page(query, rows.slice((query.page - 1) * 2, query.page * 2))
    expect(await numbers(walkOrders(list, walk, undefined, 2))).toEqual([3])
  })

  it('and gives fewer rows a page than asked is read to its end', async () => {
    const rows = [1, 2, 3, 4, 5].map((n) => row(n, n))
    const list = async (query: OrdersQuery) => {
      const from = rows.filter((one) => one.orderedAt >= (query.period?.from ?? 0))
      return page(query, from.slice((query.page - 1) * 2, query.page * 2), { itemsPerPage: 2 })
    }
    expect(await numbers(walkOrders(list, walk))).toEqual([1, 2, 3, 4, 5])
  })

  it('and answers every page with the same rows comes to an end', async () => {
    const list = async (query: OrdersQuery) => page(query, [row(1, 0), row(2, 0)])
    expect(await numbers(walkOrders(list, walk, undefined, 2))).toEqual([1, 2])
  })
})
