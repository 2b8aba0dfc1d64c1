import { describe, expect, it } from 'vitest'
import { json } from './shop-client.ts'
import { NOON, shopsOfTest, tokyo } from './shops.ts'

const start = shopsOfTest()

/** One order a moment, named by its place: 1 is the oldest. */
const MOMENTS = [
  '2025-06-01T10:00:00',
  '2026-09-30T23:59:59',
  '2026-10-31T23:59:59',
  '2026-11-01T00:00:00',
  '2026-11-15T12:00:00',
  '2026-11-22T23:59:59',
  '2026-11-23T00:00:00',
  '2026-11-23T12:30:00',
  '2026-11-24T00:00:00',
  '2026-11-24T11:59:00',
  '2026-11-24T12:30:00',
]

async function calendarShop(profile: 'jp410' | 'jp413' | 'v420' = 'jp413') {
  const { shop, client } = await start({ profile, firstOrderId: 1 })
  for (const moment of MOMENTS) shop.addOrder({ timestamp: tokyo(moment), status: 'P' })
  const ids = (query: string) => client.ids(`items_per_page=50&sort_by=order_id&sort_order=asc&${query}`)
  return { shop, client, ids }
}

const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

describe('the period of an order list', () => {
  it.each([
    ['times without a period', 'time_from=4000000000&time_to=4000000001', ALL],
    ['times with period A', 'period=A&time_from=4000000000', ALL],
    ['today', 'period=D', [9, 10]],
    ['yesterday', 'period=LD', [7, 8]],
    ['this week, from Monday', 'period=W', [7, 8, 9, 10]],
    ['last week', 'period=LW', [6]],
    ['this month', 'period=M', [4, 5, 6, 7, 8, 9, 10]],
    ['last month', 'period=LM', [3]],
    ['this year', 'period=Y', [2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['last year', 'period=LY', [1]],
    ['the last 24 hours', 'period=HH', [8, 9, 10]],
    ['the last 7 days', 'period=HW', [6, 7, 8, 9, 10]],
    ['the last 30 days', 'period=HM', [3, 4, 5, 6, 7, 8, 9, 10]],
    ['the last n days', 'period=HC&last_days=2', [6, 7, 8, 9, 10]],
    ['the last n days without n', 'period=HC', []],
    [
      'Unix seconds, both ends included',
      `period=C&time_from=${tokyo(MOMENTS[3] ?? '')}&time_to=${tokyo(MOMENTS[6] ?? '')}`,
      [4, 5, 6, 7],
    ],
    ['no end, which is now', `period=C&time_from=${tokyo('2026-11-23T12:00:00')}`, [8, 9, 10]],
    ['an unknown letter, which is a custom period', `period=Z&time_to=${tokyo('2026-10-01T00:00:00')}`, [1, 2]],
    ['a date with hyphens, which is now', 'period=C&time_from=2026-11-01', []],
    ['dates as year/month/day', 'period=C&time_from=2026/11/01&time_to=2026/11/22', [4, 5, 6]],
    ['a date without its year', 'period=C&time_from=11/24', [9, 10]],
  ])('%s', async (_, query, expected) => {
    const { ids } = await calendarShop()
    expect(await ids(query)).toEqual(expected)
  })

  it('reads text dates month first in English and in the international edition', async () => {
    const { ids } = await calendarShop()
    expect(await ids('period=C&sl=en&time_from=11/23/2026&time_to=11/23/2026')).toEqual([7, 8])
    const other = await calendarShop('v420')
    expect(await other.ids('period=C&time_from=11/23/2026&time_to=11/23/2026')).toEqual([7, 8])
  })

  it('echoes the resolved times, but those without a period as they were sent', async () => {
    const { client } = await calendarShop()
    expect(await client.params('period=D')).toMatchObject({
      time_from: tokyo('2026-11-24T00:00:00'),
      time_to: NOON.getTime() / 1000,
    })
    expect(await client.params('period=C&time_from=2026-11-01')).toMatchObject({ time_from: NOON.getTime() / 1000 })
    expect(await client.params('time_from=2026-11-01')).toMatchObject({ time_from: '2026-11-01' })
  })
})

describe('the filters of an order list', () => {
  async function mixedShop() {
    const { shop, client } = await start({ firstOrderId: 1 })
    const add = shop.addOrder
    add({
      status: 'O',
      email: 'hanako@example.jp',
      firstname: '佐藤',
      lastname: '花子',
      total: 100,
      phone: '',
      company: '',
      userId: 7,
    })
    add({
      status: 'P',
      email: 'ichiro@example.jp',
      firstname: '髙橋',
      lastname: '一郎',
      total: 300,
      company: '株式会社青葉',
      userId: 8,
    })
    add({ status: 'N', email: 'hanako.t@example.com', firstname: '田中', lastname: '花子', total: 200, userId: 8 })
    add({ status: 'T', isParent: true })
    add({
      status: 'C',
      email: 'ken@example.jp',
      firstname: '佐々木',
      lastname: '健',
      total: 400,
      companyId: 2,
      payment: 'bank',
      userId: 9,
    })
    return { shop, ids: (query: string) => client.ids(`sort_by=order_id&sort_order=asc&${query}`) }
  }

  it.each([
    ['nothing, which hides incomplete and parent orders', '', [1, 2, 5]],
    ['one status', 'status=O', [1]],
    ['statuses as a PHP list', 'status[]=O&status[]=P', [1, 2]],
    ['statuses with a comma, which is an unknown one', 'status=O,P', []],
    ['an unknown letter', 'status[]=Q', []],
    ['the incomplete status itself', 'status[]=N&status[]=O', [1, 3]],
    ['include_incompleted', 'include_incompleted=1', [1, 2, 3, 5]],
    ['order ids with commas', 'order_id=1,5,99', [1, 5]],
    ['order ids as a list', 'order_id[]=2&order_id[]=5', [2, 5]],
    ['a piece of a mail address', 'email=HANAKO', [1]],
    ['a piece of either name', 'cname=花子', [1]],
    ['both names in either order', 'cname=一郎 髙橋', [2]],
    ['a piece of a company', 'company=青葉', [2]],
    ['a company id', 'company_id=2', [5]],
    ['a user', 'user_id=8', [2]],
    ['a total', 'total_from=300&total_to=350', [2]],
    ['a payment', 'payments[]=2&company_id=2', [5]],
    ['ids or mails with compact', 'order_id=5&email=ichiro&compact=Y', [2, 5]],
    ['ids and mails without compact', 'order_id=5&email=ichiro', []],
    ['something the shop does not know', 'colour=blue', [1, 2, 5]],
  ])('%s', async (_, query, expected) => {
    const { ids } = await mixedShop()
    expect(await ids(query)).toEqual(expected)
  })

  it('lists one vendor below its path and refuses a company that is none', async () => {
    const { shop, client } = await start({ profile: 'v416' })
    shop.addOrder({ companyId: 1 })
    const other = shop.addOrder({ companyId: 2 })
    const list = json(await client.get('vendors/2/orders'))
    expect(list.orders.map((row: { order_id: string }) => row.order_id)).toEqual([String(other.id)])
    expect((await client.get('vendors/9/orders')).status).toBe(403)
    expect((await client.get(`vendors/1/orders/${other.id}`)).status).toBe(404)
  })

  it('sorts by what is known and by date otherwise', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ timestamp: 300, total: 5, status: 'P', email: 'c@example.jp' })
    shop.addOrder({ timestamp: 100, total: 9, status: 'O', email: 'b@example.jp' })
    shop.addOrder({ timestamp: 200, total: 7, status: 'C', email: 'a@example.jp' })
    expect(await client.ids('')).toEqual([1, 3, 2])
    expect(await client.ids('sort_by=updated_at&sort_order=asc')).toEqual([2, 3, 1])
    expect(await client.ids('sort_by=total')).toEqual([2, 3, 1])
    expect(await client.ids('sort_by=status&sort_order=asc')).toEqual([3, 2, 1])
    expect(await client.ids('sort_by=email&sort_order=asc')).toEqual([3, 2, 1])
    expect(await client.params('sort_by=updated_at')).toMatchObject({ sort_by: 'date', sort_order_rev: 'asc' })
  })

  it('sees every change at once, although it remembers its results', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ status: 'P' })
    shop.addOrder({ status: 'P' })
    expect(await client.ids('status=P&sort_order=asc')).toEqual([1, 2])
    shop.setStatus(1, 'C')
    expect(await client.ids('status=P&sort_order=asc')).toEqual([2])
    shop.removeOrder(2)
    expect(await client.ids('status=P&sort_order=asc')).toEqual([])
  })
})

describe('the pages of an order list', () => {
  it('holds ten rows unless asked, and all without a total for a size of 0', async () => {
    const { shop, client } = await start()
    shop.addOrders(23)
    const usual = json(await client.get('orders'))
    expect([usual.orders.length, usual.params.items_per_page, usual.params.total_items]).toEqual([10, 10, '23'])
    const whole = json(await client.get('orders?items_per_page=0'))
    expect(whole.orders).toHaveLength(23)
    expect(whole.params).not.toHaveProperty('total_items')
  })

  it('holds every order once over all pages', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrders(23)
    const pages = await Promise.all(
      [1, 2, 3].map((page) => client.ids(`sort_by=order_id&sort_order=asc&items_per_page=9&page=${page}`)),
    )
    expect(pages.map((page) => page.length)).toEqual([9, 9, 5])
    expect(pages.flat()).toEqual(Array.from({ length: 23 }, (_, index) => index + 1))
  })

  it('gives whole orders as rows when asked for their data', async () => {
    const { shop, client } = await start()
    const { id } = shop.addOrder()
    const [row] = json(await client.get('orders?get_orders_data=1')).orders
    expect(row).toEqual(json(await client.get(`orders/${id}`)))
  })
})
